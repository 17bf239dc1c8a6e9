"""Tests of anoncloud/ui/viewing."""
