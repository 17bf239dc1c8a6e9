"""Tests of ``anoncloud.wire``."""
