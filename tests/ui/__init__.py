"""Tests of anoncloud.ui."""
