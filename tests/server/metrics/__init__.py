"""Tests of :mod:`anoncloud.server.metrics`."""
