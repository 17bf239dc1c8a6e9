"""The drive as a value: nodes, versions, changes, and the rules by which one becomes the next."""
