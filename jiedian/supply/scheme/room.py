"""供电方案: drafted, countersigned, replied, signed, lapsed, measured."""

from jiedian.ground.files.importers import Importer

NAV = [("schemes", "供电方案", "plans.view", "电网")]

STEPS = "jiedian.supply.scheme.steps"

REACTIONS = {
    "case.energised": ["jiedian.supply.scheme.reactions.connected"],
    "case.accepted": ["jiedian.supply.scheme.reactions.answer"],
    "case.surveyed": ["jiedian.supply.scheme.reactions.answer"],
    "case.moved": ["jiedian.supply.scheme.reactions.set_aside"],
    "case.withdrawn": ["jiedian.supply.scheme.reactions.let_go"],
    "case.terminated": ["jiedian.supply.scheme.reactions.let_go"],
    "grid.reserved": ["jiedian.supply.scheme.reactions.room_came"],
}

PANELS = [("jiedian.supply.scheme.queries.panel.panel", "scheme/_panel.html")]

JOBS = ["jiedian.supply.scheme.jobs"]

VERBS = ["jiedian.supply.scheme.verbs.VERBS"]

IMPORTS = [
    Importer(
        kind="outcomes",
        title="导入实测值",
        page="measured",
        view="plans.measure",
        permission="plans.measure",
        columns="jiedian.supply.scheme.services.outcomes.columns_for",
        read="jiedian.supply.scheme.services.outcomes.read_file",
        take="jiedian.supply.scheme.services.outcomes.take_file",
        undo="jiedian.supply.scheme.services.outcomes.undo_file",
    )
]
