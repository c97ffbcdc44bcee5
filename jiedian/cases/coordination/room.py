"""协同: errands, questions, expediting and messages; desks that change hands."""

JOBS = ["jiedian.cases.coordination.jobs"]

REACTIONS = {
    "notice.issued": ["jiedian.cases.coordination.reactions.tell_accepted"],
    "case.scheme_replied": ["jiedian.cases.coordination.reactions.tell_scheme_ready"],
    "case.energised": ["jiedian.cases.coordination.reactions.tell_energised"],
    "paper.asked": ["jiedian.cases.coordination.reactions.tell_paper_asked"],
    "case.reassigned": ["jiedian.cases.coordination.reactions.tell_new_manager"],
    "people.absence": ["jiedian.cases.coordination.reactions.cover_absent"],
    "people.absence_changed": ["jiedian.cases.coordination.reactions.cover_changed"],
    "people.absence_ended": ["jiedian.cases.coordination.reactions.cover_absent"],
    "people.changed": ["jiedian.cases.coordination.reactions.cover_absent"],
}

HANDOVER = ["jiedian.cases.coordination.services.desks.hand_over"]
