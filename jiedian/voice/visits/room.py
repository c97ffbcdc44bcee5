"""明察暗访: unannounced visits by third parties."""

NAV = [
    ("visits", "明察暗访", "visits.results", "客户之声"),
    ("visits_mine", "我的走访", "visits.mine", "客户之声"),
]
