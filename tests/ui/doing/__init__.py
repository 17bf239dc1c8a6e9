"""Tests of anoncloud/ui/doing."""
