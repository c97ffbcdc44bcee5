"""办公: today, the desk, the department."""

NAV = [
    ("today", "今日", "today.view", "办件"),
    ("desk", "我的工作台", "desk.view", "办件"),
    ("department", "部门", "department.view", "办件"),
]
