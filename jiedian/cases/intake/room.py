"""受理: from an application to a case that runs; survey, archive, call-back, restart."""

STEPS = {
    "ACCEPT": ("jiedian.cases.intake.forms.AcceptForm", "jiedian.cases.intake.services.survey.accept_with"),
    "SURVEY": ("jiedian.cases.intake.forms.SurveyForm", "jiedian.cases.intake.services.survey.survey"),
    "ARCHIVE": ("jiedian.cases.intake.forms.ArchiveForm", "jiedian.cases.intake.services.survey.archive"),
    "CALLBACK": ("jiedian.cases.intake.forms.CallbackForm", "jiedian.cases.intake.services.survey.call_back"),
}
