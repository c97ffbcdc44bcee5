"""What customers say and feel, counted honestly."""
