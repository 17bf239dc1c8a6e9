"""Tests of ``anoncloud.crypto``."""
