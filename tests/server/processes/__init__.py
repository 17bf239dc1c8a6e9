"""Tests of :mod:`anoncloud.server.processes`."""
