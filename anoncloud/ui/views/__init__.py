"""Pure functions from the explorer, or a part of it, to blocks of cells."""
