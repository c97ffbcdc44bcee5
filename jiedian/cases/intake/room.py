"""受理: from an application to a case that runs; survey, archive, call-back, restart."""

STEPS = "jiedian.cases.intake.steps"

PANELS = [("jiedian.cases.intake.queries.corrections", "intake/_corrections.html")]
