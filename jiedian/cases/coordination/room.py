"""协同: errands, questions, expediting and messages; desks that change hands."""

JOBS = ["jiedian.cases.coordination.jobs"]

REACTIONS = {
    "notice.issued": ["jiedian.cases.coordination.reactions.tell_accepted"],
    "case.scheme_replied": ["jiedian.cases.coordination.reactions.tell_scheme_ready"],
    "case.moved": ["jiedian.cases.coordination.reactions.tell_moved"],
    "case.energised": ["jiedian.cases.coordination.reactions.tell_energised"],
    "paper.asked": ["jiedian.cases.coordination.reactions.tell_paper_asked"],
    "people.absence": ["jiedian.cases.coordination.reactions.cover_absent"],
}

HANDOVER = ["jiedian.cases.coordination.services.desks.hand_over"]
