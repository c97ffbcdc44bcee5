"""读入: network files of every format as arrays with findings; arithmetic only."""
