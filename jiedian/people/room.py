"""人员: departments, users, duties, deputies, permissions."""

from jiedian.ground.files.importers import Importer

NAV = [("people", "人员", "people.view", "管理")]

COMMANDS = {
    "bring-people": (
        "bring staff and what they answer for from a table, or take a file back; prints first passwords",
        "jiedian.people.commands:main",
    ),
}

IMPORTS = [
    Importer(
        kind="people",
        title="导入人员名册",
        page="staff_files",
        view="people.bring",
        permission="people.bring",
        columns="jiedian.people.imports.columns_for",
        read="jiedian.people.imports.read_file",
        take="jiedian.people.imports.take_file",
        undo="jiedian.people.imports.undo_file",
    )
]
