"""What is counted in a server, and how its owner's tools read it."""
