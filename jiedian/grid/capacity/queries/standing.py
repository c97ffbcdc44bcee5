"""Open capacity as stored for one section: reads the compressed arrays."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np

from jiedian.grid.circuit.calc.network import Ints, Reals


@dataclass(frozen=True)
class Answers:
    """One row a bus: capacity in kW (NaN: by hand), what binds, where, and its margin."""

    bus: Ints
    kw: Reals
    margin: Reals
    binding: Any
    element: Any

    @classmethod
    def of(cls, answer: Any, chosen: Ints) -> "Answers":
        """Some rows of the kernel's answer."""
        binding, element = np.asarray(answer.binding, object), np.asarray(answer.element, object)
        return cls(
            answer.bus[chosen],
            answer.capacity_kw[chosen],
            answer.margin[chosen],
            binding[chosen],
            element[chosen],
        )

    def packed(self) -> bytes:
        words: dict[str, Any] = {}
        for name in ("binding", "element"):
            known, index = np.unique(getattr(self, name).astype(str), return_inverse=True)
            words |= {f"{name}s": known, name: index.astype(np.int32)}
        kept = BytesIO()
        np.savez_compressed(kept, bus=self.bus, kw=self.kw, margin=self.margin, **words)
        return kept.getvalue()

    @classmethod
    def unpacked(cls, content: bytes) -> "Answers":
        with np.load(BytesIO(content), allow_pickle=False) as kept:
            binding, element = (kept[f"{n}s"].astype(object)[kept[n]] for n in ("binding", "element"))
            return cls(kept["bus"], kept["kw"], kept["margin"], binding, element)

    def renewed(self, newer: "Answers", ceiling: Ints) -> "Answers":
        """These with the newer rows in place of the old; the rest lowered to the newer row of its ``ceiling`` bus.

        ``ceiling`` gives each bus the bus that feeds it (-1: none): nothing can take more than what feeds it.
        """
        size = len(ceiling)
        at = np.full(size, -1, np.int64)
        at[newer.bus] = np.arange(len(newer.bus))
        own = at[self.bus]
        above = np.where(ceiling[self.bus] >= 0, at[ceiling[self.bus]], -1)
        with np.errstate(invalid="ignore"):
            lower = (own < 0) & (above >= 0) & ~(self.kw <= newer.kw[above])
        source = np.where(own >= 0, own, np.where(lower, above, -1))
        taken = source >= 0
        columns = {}
        for name in ("kw", "margin", "binding", "element"):
            column = getattr(self, name).copy()
            column[taken] = getattr(newer, name)[source[taken]]
            columns[name] = column
        return Answers(self.bus, **columns)
