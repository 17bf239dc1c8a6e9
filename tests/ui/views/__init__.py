"""Tests of ``anoncloud.ui.views``."""
