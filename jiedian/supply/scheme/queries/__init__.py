"""What scheme pages show."""
