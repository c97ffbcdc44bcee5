"""The electric network as arrays: read, checked, calculated."""
