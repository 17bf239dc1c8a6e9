"""Tests of ``anoncloud.client``."""
