"""Tests of ``anoncloud.cli``."""
