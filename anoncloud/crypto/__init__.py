"""Keys, sealing and derivation: the only folder that imports nacl or cryptography."""
