"""The made-up city: its streets, its grid, its map and its addresses."""
