"""Tests of ``anoncloud.server.stores``."""
