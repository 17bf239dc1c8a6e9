"""Looking at files and lists: layers, and the pure parts that they are made of."""
