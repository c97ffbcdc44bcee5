"""工单页: the list of cases, one screen a case, one form a step, the Gantt."""

NAV = [("cases", "工单", "case.view", "办件")]

COMMANDS = {
    "replay-clocks": ("compute clocks anew from the facts", "jiedian.cases.screen.commands:replay_clocks")
}
