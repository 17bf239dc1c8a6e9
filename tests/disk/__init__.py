"""Tests of ``anoncloud.disk``."""
