"""历史导入: past and running cases from a table."""

from jiedian.ground.files.importers import Importer

NAV = [("history", "历史导入", "history.view", "管理")]

IMPORTS = [
    Importer(
        kind="history",
        title="历史导入",
        page="history",
        view="history.view",
        permission="history.import",
        columns="jiedian.cases.history.services.columns_for",
        read="jiedian.cases.history.services.read_file",
        take="jiedian.cases.history.services.take_file",
        undo="jiedian.cases.history.services.undo_file",
        panel="jiedian.cases.history.queries.panel",
        ceiling_bytes=100 * 1024 * 1024,
    )
]

COMMANDS = {
    "import-history": (
        "bring past and running cases from a CSV or XLSX table, or take a batch back",
        "jiedian.cases.history.commands:main",
    ),
}
