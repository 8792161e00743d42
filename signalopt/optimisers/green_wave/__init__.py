"""Green waves on corridors: corridor to bands to safe plans, and bands that a search keeps."""
