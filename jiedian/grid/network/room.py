"""电网: networks in versions, named devices, imports with undo."""

NAV = [("grid", "电网", "grid.view", "电网")]

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
