"""资料: papers, the notice that names them once, debts."""

GATES = ["jiedian.cases.papers.services.no_paper_due"]
