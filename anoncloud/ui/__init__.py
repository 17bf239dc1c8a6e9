"""The explorer: the drive and the local disk side by side in a terminal."""
