"""Tests of ``anoncloud.server``."""
