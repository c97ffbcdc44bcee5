"""协同: errands, questions, expediting and messages; desks that change hands."""

JOBS = ["jiedian.cases.coordination.jobs"]

TOLD = (
    *(
        "case.applied",
        "notice.issued",
        "step.opened?customers",
        "inspection.done",
        "payment.taken",
        "paper.asked",
        "notice.supplemented",
    ),
    *("paper.sent_back", "message.to_customer", "case.reassigned", "case.withdrawn", "case.terminated"),
    *("case.moved", "case.energised", "scheme.room_came"),
)
"""Facts of which the customer may be told; the table labels/told.csv says of which, and how."""

REACTIONS = {
    **{kind: ["jiedian.cases.coordination.reactions.tell"] for kind in TOLD},
    "people.absence": ["jiedian.cases.coordination.reactions.cover_absent"],
    "people.absence_changed": ["jiedian.cases.coordination.reactions.cover_changed"],
    "people.absence_ended": ["jiedian.cases.coordination.reactions.cover_absent"],
    "people.changed": ["jiedian.cases.coordination.reactions.cover_absent"],
}

HANDOVER = ["jiedian.cases.coordination.services.desks.hand_over"]
