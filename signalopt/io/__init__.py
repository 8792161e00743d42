"""The borders: one module per file format."""
