"""办公: today, the desk, the department; search, news, help and tours."""

NAV = [
    ("today", "今日", "today.view", "办件"),
    ("desk", "我的工作台", "desk.view", "办件"),
    ("department", "部门", "department.view", "办件"),
]

TOOLS = {"search": "search", "news": "news", "help": "help", "tour": "tour"}
