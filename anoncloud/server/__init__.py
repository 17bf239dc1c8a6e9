"""The daemon: stores and orders what clients seal, and can read none of it."""
