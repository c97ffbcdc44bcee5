"""诉求热点: what rises beyond chance, where, and why."""

NAV = [("hotspots", "诉求热点", "hotspots.view", "客户之声")]
