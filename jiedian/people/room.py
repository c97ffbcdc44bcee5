"""人员: departments, users, duties, deputies, permissions."""

NAV = [("people", "人员", "people.view", "管理")]

COMMANDS = {
    "bring-people": (
        "bring staff and what they answer for from a CSV; prints first passwords",
        "jiedian.people.commands:main",
    ),
}
