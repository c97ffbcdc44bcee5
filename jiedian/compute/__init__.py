"""Where heavy work runs: a pool of processes on one machine, or Spark."""
