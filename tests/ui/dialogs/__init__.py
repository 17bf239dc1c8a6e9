"""Tests of ``anoncloud.ui.dialogs``."""
