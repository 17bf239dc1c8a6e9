"""AnonymousCloud: a self-hosted drive whose server can read nothing."""

__version__ = "0.1.0"
