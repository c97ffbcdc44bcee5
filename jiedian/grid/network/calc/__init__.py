"""底图的算术: street data as read, places found by their names and numbers; plain Python."""
