"""The library that the command line and the explorer share: keys, tree, drive, transfers."""
