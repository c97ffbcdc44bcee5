"""Tables of the network, one file a noun."""
