"""感知差距: gaps 1–5 each from its own data, importance and performance."""

NAV = [("gaps", "感知差距", "gaps.view", "客户之声")]
