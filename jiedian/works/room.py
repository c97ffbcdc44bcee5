"""工程到送电: fee, contract, works, inspections, metering, energising."""

STEPS = "jiedian.works.steps"

PANELS = [("jiedian.works.queries.panel", "works/_panel.html")]

ABOUTS = ["jiedian.works.queries.abouts"]
