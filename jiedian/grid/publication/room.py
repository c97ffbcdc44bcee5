"""公布: the monthly issue of the open capacity, its public map and API."""

JOBS = ["jiedian.grid.publication.jobs"]
