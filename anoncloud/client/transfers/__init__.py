"""Local files into the drive and back: read, sealed, packed, matched, resumed."""
