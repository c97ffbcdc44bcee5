"""CIM 读入: CGMES and CIM-XML as arrays with findings, and their solved states as a check; arithmetic only."""
