"""公布: what binds, and the sum of a figure; arithmetic only."""
