"""客户门户: apply, track, hand in, accept, write."""
