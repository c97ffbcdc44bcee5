"""问卷: instruments, invitations, answers, files of answers."""

NAV = [("surveys", "问卷", "survey.view", "客户之声")]

REACTIONS = {
    "case.scheme_replied": ["jiedian.voice.surveys.reactions.ask_customer"],
    "case.energised": ["jiedian.voice.surveys.reactions.ask_customer"],
    "case.accepted": ["jiedian.voice.surveys.reactions.ask_customer"],
}

JOBS = ["jiedian.voice.surveys.jobs"]
