"""Tests of ``anoncloud.client.transfers``."""
