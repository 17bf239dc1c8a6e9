"""The protocol as a pure core: bytes in, events out; no Twisted, no clock."""
