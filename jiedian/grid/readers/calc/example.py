"""An example of the tables of a network, to fill in."""

from .tables import TABLES


def template() -> dict[str, str]:
    """An empty set to fill in: file name → CSV text with both headings' English names, one example row each."""
    example = {
        "buses": "B1,10,118.05,36.81\nB2,10,118.06,36.81\nB3,0.4,118.06,36.81",
        "lines": "L1,B1,B2,850,0.161,0.11,406,358,1,1,118.05 36.81; 118.06 36.81",
        "transformers": "T1,B2,B3,630,10,0.4,4.5,0.98,0.81,0.6,0,1,1,1",
        "switches": "",
        "loads": "D1,B3,180,60",
        "generators": "",
        "sources": "B1,1.02,0",
    }
    return {
        f"{table}.csv": "\n".join(
            line for line in (",".join(column.name for column in columns), example[table]) if line
        )
        + "\n"
        for table, columns in TABLES.items()
    }
