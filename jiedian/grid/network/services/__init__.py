"""电网: import, versions, reservations, measured load, publication."""
