"""实测负荷: the measured load of devices and the accounts at their nodes."""

from jiedian.ground.files.importers import Importer

IMPORTS = [
    Importer(
        kind="load",
        title="导入实测负荷",
        page="grid_imports",
        view="grid.import",
        permission="grid.import",
        columns="jiedian.grid.load.imports.load_columns",
        read="jiedian.grid.load.imports.read_load",
        take="jiedian.grid.load.imports.take_load",
        undo="jiedian.grid.load.imports.undo_load",
        is_whole=False,
        panel="jiedian.grid.load.imports.panel",
    ),
    Importer(
        kind="neighbours",
        title="导入户号与杆号",
        page="grid_imports",
        view="grid.import",
        permission="grid.import",
        columns="jiedian.grid.load.imports.neighbour_columns",
        read="jiedian.grid.load.imports.read_accounts",
        take="jiedian.grid.load.imports.take_accounts",
        undo="jiedian.grid.load.imports.undo_accounts",
        is_whole=False,
        panel="jiedian.grid.load.imports.panel",
    ),
]
