"""读入电网: every reader turns a foreign file into a ``core.grid.network.Network`` and a list of findings."""
