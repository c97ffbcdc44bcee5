"""``jiedian compile``: compile the power-flow kernel for this machine, so that the first answer comes at once. Done by the set-up."""

import argparse
import time

from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc import tables
from jiedian.grid.readers.calc.example import template


def main(argv: list[str]) -> int:
    """Answer the example of the tables in both directions: whatever that needs is compiled and kept beside the code."""
    argparse.ArgumentParser(prog="jiedian compile", description=main.__doc__).parse_args(argv)
    begun = time.monotonic()
    files = [(name, text.encode()) for name, text in template().items()]
    network, _ = tables.read(files)
    prepared = prepare(network)
    open_capacity(prepared, limits=CapacityLimits())
    open_capacity(prepared, limits=CapacityLimits(), direction="generation")
    print(f"the kernel is compiled ({time.monotonic() - begun:.0f} s)")
    return 0
