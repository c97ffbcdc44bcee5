"""时限: limits, calendar, pauses, and the clocks that tick on cases."""

JOBS = ["jiedian.clocks.jobs"]

MEASURES = {"promises_kept": "jiedian.clocks.queries.promises_kept"}
