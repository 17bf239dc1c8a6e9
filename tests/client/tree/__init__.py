"""Tests of ``anoncloud.client.tree``."""
