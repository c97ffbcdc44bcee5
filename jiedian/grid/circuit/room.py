"""电路: the electric network as arrays, cut into sections; arithmetic only."""
