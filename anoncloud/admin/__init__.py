"""The anoncloud-admin command, for the person who runs the server."""
