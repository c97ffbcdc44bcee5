"""The only door to Spark: a session on this machine or on the cluster that ``master`` names."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def session(master: str = "local[2]") -> Iterator[Any]:
    """A Spark session for the length of a block; its workers find this code and this python.

    ``master`` is ``local[2]``, ``local-cluster[2,1,1024]`` (two workers of one core and 1,024 MB) or a cluster's address.
    Raises what pyspark raises when Java or pyspark is missing.
    """
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers would take the system's python otherwise
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    made = (
        SparkSession.builder.master(master)
        .appName("jiedian")
        .config("spark.ui.enabled", "false")
        .config("spark.executorEnv.PYTHONPATH", path)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        yield made
    finally:
        made.stop()
