"""工单: the case, its customer, its points and hand-offs, and the verbs that move it."""
