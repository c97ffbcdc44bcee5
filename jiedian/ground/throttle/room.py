"""限次: how often one address, phone or number may ask for the same thing."""

JOBS = ["jiedian.ground.throttle.jobs"]
