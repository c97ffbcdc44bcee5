"""读入电网: every reader turns a foreign file into a ``core.network.Network`` and a list of findings."""
