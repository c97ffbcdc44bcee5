"""历史导入: past and running cases from a table."""

NAV = [("history", "历史导入", "history.view", "管理")]

REACTIONS = {"history.asked": ["jiedian.cases.history.services.take_in"]}

COMMANDS = {
    "import-history": (
        "bring past and running cases from a CSV or XLSX table, or take a batch back",
        "jiedian.cases.history.commands:main",
    ),
}
