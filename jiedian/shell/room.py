"""外壳: what every page stands in, drawings, tables, typesetting."""
