"""供电方案: read rules, points of supply, options and what a page shows."""
