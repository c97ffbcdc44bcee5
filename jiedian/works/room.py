"""工程到送电: fee, contract, works, inspections, metering, energising."""

STEPS = "jiedian.works.steps"

MESSAGE_WORDS = ["jiedian.works.queries.message_words"]

REACTIONS = {"step.opened?customers": ["jiedian.works.reactions.draft_contract"]}

PANELS = [("jiedian.works.queries.panel", "works/_panel.html")]

ABOUTS = ["jiedian.works.queries.abouts"]
