"""预计: how long what is left of a case takes, and the day power comes."""
