"""The anoncloud command."""
