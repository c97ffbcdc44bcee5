"""业务日志: facts, the chain, daily roots, verification."""

NAV = [("journal", "业务日志", "journal.view", "管理")]

JOBS = ["jiedian.ground.journal.services", "jiedian.ground.journal.jobs"]

COMMANDS = {
    "verify-journal": ("walk every chain and daily root", "jiedian.ground.journal.commands:verify_journal")
}
