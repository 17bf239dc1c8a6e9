"""Frozen vectors in plain JSON; ``make`` rewrites our own, the published ones are only read."""
