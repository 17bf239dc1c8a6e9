"""What client and server both need of a local disk; blocking, and knows no keys and no peers."""
