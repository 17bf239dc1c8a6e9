"""Tests of ``anoncloud.admin``."""
