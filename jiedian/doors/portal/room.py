"""客户门户: apply, track, hand in, accept, write."""

TOOLS = {"open_case": "track"}
PUBLIC_NAV = [
    ("apply", "办电"),
    ("track", "查进度"),
    ("say", "说一说"),
    ("capacity", "可开放容量"),
    ("limits", "服务时限"),
]
