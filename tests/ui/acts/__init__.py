"""Tests of ``anoncloud.ui.acts``."""
