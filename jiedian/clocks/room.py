"""时限: limits, calendar, pauses, and the clocks that tick on cases."""

JOBS = ["jiedian.clocks.jobs"]
