"""电网: read networks, places and what is open."""
