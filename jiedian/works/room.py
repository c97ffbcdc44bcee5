"""工程到送电: fee, contract, works, inspections, metering, energising."""

STEPS = "jiedian.works.steps"

PANELS = [("", "works/_panel.html")]
