"""作业: the queue's worker, and the rescue of jobs whose worker was killed."""

JOBS = ["jiedian.ground.jobs.jobs"]

COMMANDS = {"work": ("run the background worker", "jiedian.ground.jobs.commands:work")}
