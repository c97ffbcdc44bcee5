"""供电方案: drafted, countersigned, replied, signed, lapsed, measured."""

NAV = [("schemes", "供电方案", "plans.view", "电网")]

STEPS = "jiedian.supply.scheme.steps"

REACTIONS = {
    "case.energised": ["jiedian.supply.scheme.reactions.connected"],
    "case.accepted": ["jiedian.supply.scheme.reactions.answer"],
    "case.surveyed": ["jiedian.supply.scheme.reactions.answer"],
    "case.withdrawn": ["jiedian.supply.scheme.reactions.let_go"],
    "case.terminated": ["jiedian.supply.scheme.reactions.let_go"],
}

PANELS = [("jiedian.supply.scheme.queries.panel.panel", "scheme/_panel.html")]

JOBS = ["jiedian.supply.scheme.jobs"]

VERBS = ["jiedian.supply.scheme.verbs.VERBS"]
