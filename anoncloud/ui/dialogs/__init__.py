"""Layers of every kind: each asks, tells or lets choose, and knows nothing of what it is about."""
