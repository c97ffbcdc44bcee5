"""供电方案: locate, draft, reply, sign, lapse, measure."""
