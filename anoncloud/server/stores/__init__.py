"""Where the server keeps accounts, journals and blobs."""
