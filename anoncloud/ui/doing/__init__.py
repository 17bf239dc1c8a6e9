"""What the explorer does for its user: effects carried out, one kind of work in each module."""
