"""方案工作台: the study of a case as a planner weighs it: cards, the table of supply points, the map, why an option stands where it stands."""
