"""菜单: what the lines of a scheme are put together from: rows, metering, quality, who builds what, whose a point is; arithmetic only."""
