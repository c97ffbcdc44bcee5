"""供电方案: drafted, countersigned, replied, signed, lapsed, measured."""

NAV = [("schemes", "供电方案", "plans.view", "电网")]

STEPS = {
    "SCHEME_DRAFT": (
        "jiedian.supply.scheme.forms.SchemeForm",
        "jiedian.supply.scheme.services.schemes.draft",
    ),
    "COUNTERSIGN": (
        "jiedian.supply.scheme.forms.CountersignForm",
        "jiedian.supply.scheme.services.schemes.countersign",
    ),
    "SCHEME_REPLY": ("jiedian.supply.scheme.forms.ReplyForm", "jiedian.supply.scheme.services.schemes.reply"),
    "SCHEME_SIGN": ("jiedian.supply.scheme.forms.SignForm", "jiedian.supply.scheme.services.schemes.accept"),
}

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
