"""Office pages: the day, and what helps one through it."""
