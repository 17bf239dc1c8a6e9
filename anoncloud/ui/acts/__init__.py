"""What the actions of ``ui.keys`` do: each takes the explorer, and what stands behind its name."""
