"""Public transformer areas of the made-up city: the transformer, its circuits along the streets, a pole or box every so far."""

from dataclasses import dataclass
from random import Random

from .ground import SEED, Spot, along, between, length
from .wiring import PF, Wiring

CIRCUITS = "甲乙丙丁戊"


@dataclass(frozen=True)
class Area:
    """An area to be built: name with "#", transformer kVA, tap, share loaded at the peak, kind of load and of line."""

    name: str
    kva: int
    loaded: float
    kind: str
    tap: float = 1.05
    conductor: str = "2×YJLV22-4×240"
    post: str = "分支箱"
    every_m: float = 58.0
    pv_kwp: float = 0.0


def build(w: Wiring, area: Area, high: str, at: Spot, ways: list[list[Spot]]) -> list[str]:
    """Build an area behind the bus ``high``; ``ways`` are its circuits from the transformer out. Returns its posts."""
    low = w.bus(f"{area.name}低压母线", 0.38, at)
    code = w.trafo(area.name.replace("#", ""), high, low, area.kva, area.tap)
    w.names[f"area:{code}"] = area.name
    posts: list[str] = []
    for letter, way in zip(CIRCUITS, ways, strict=False):
        posts += _circuit(w, area, low, f"{area.name}{letter}线", way)
    rng = Random(f"{SEED}:{area.name}")
    homes = posts or [low]
    weights = [rng.uniform(0.6, 1.4) for _ in homes]
    for bus, weight in zip(homes, weights, strict=True):
        w.load(bus, area.kva * area.loaded * PF * weight / sum(weights), area.kind)
    if area.pv_kwp:
        chosen = homes[1::2] or homes
        w.roofs += [(bus, area.pv_kwp / len(chosen)) for bus in chosen]
    return posts


def _circuit(w: Wiring, area: Area, low: str, name: str, way: list[Spot]) -> list[str]:
    """Posts along one way; the last stands at its end."""
    count = max(round(length(way) / area.every_m), 1)
    step, before, posts = length(way) / count, low, []
    for n in range(1, count + 1):
        post = w.bus(f"{name}#{n:02d}{area.post}", 0.38, along(way, n * step))
        piece = between(way, (n - 1) * step, n * step)
        w.line(f"{name}{n:02d}段".replace("#", ""), before, post, area.conductor, piece)
        before = post
        posts.append(post)
    return posts
