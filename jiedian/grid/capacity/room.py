"""可开放容量: what can be opened at every node, and what is reserved."""

ENTERED = ["jiedian.grid.capacity.services.standing.compute"]
