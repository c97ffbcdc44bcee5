"""电网: networks in versions, named devices, imports with undo."""

from jiedian.ground.files.importers import Importer

NAV = [("grid", "电网", "grid.view", "电网")]

IMPORTS = [
    Importer(
        kind="basemap",
        title="导入底图",
        page="grid_imports",
        view="grid.import",
        permission="grid.import",
        columns="jiedian.grid.network.imports.map_columns",
        read="jiedian.grid.network.imports.read_base_map",
        take="jiedian.grid.network.imports.take_base_map",
        undo="jiedian.grid.network.imports.undo_base_map",
        is_whole=False,
    ),
]

REACTIONS = {
    "grid.import_asked": ["jiedian.grid.network.services.imports.read_asked"],
    "grid.work_asked": ["jiedian.grid.network.services.waiting.carry_out"],
}

COMMANDS = {
    "store-grid": (
        "read a network file or SimBench code into the database, take it over, or undo it",
        "jiedian.grid.network.commands:main",
    ),
    "store-map": (
        "read streets and places (GeoJSON) as the base map, take it, or undo it",
        "jiedian.grid.network.commands:store_map",
    ),
}
