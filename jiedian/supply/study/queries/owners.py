"""供电点产权的查证: what the network and the accounts say of the points around a customer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from django.db.models import Count

from jiedian.core.findings import Finding
from jiedian.grid.capacity.queries.present import Present
from jiedian.grid.network.models import Account, Device
from jiedian.grid.network.queries.network import network_of, territory_of
from jiedian.grid.network.queries.places import Near
from jiedian.supply.menu.calc.ownership import Owner, Spot, owner_of, recorded

SHOWN = 3
"""Names of points left out that are said."""


def owners_of(present: Present, near: Sequence[Near], homes: dict[int, Device]) -> dict[int, Owner]:
    """Owner of each node by its row in the database, with ``homes``: everything that feeds the nodes."""
    nodes = [item.node for item in near]
    keys = [node.pk for node in nodes]
    accounts = dict(
        Account.objects.filter(node_id__in=keys)
        .values("node_id")
        .annotate(n=Count("pk"))
        .values_list("node_id", "n")
    )
    below, names = loads_below(present.version.pk), present.network.names
    return {
        node.pk: owner_of(
            Spot(
                _called(node, homes),
                _line(node, homes),
                recorded(_kept(node, homes, names)),
                accounts.get(node.pk, 0),
                below.get(node.at_bus, 0),
                node.kv,
            )
        )
        for node in nodes
    }


def _called(node: Device, homes: dict[int, Device]) -> str:
    """What a node is called; at low voltage with the name of its area, whose transformer may be a customer's own."""
    above = homes.get(node.parent_id or 0)
    label = f"{node.name} {node.pole}".strip()
    return f"{above.name} {label}" if node.kv < 1 and above and above.kind == Device.Kind.AREA else label


def _kept(node: Device, homes: dict[int, Device], names: Mapping[str, str]) -> str:
    """What the data record of a node; at low voltage, where they say nothing, of the transformer of its area."""
    above = homes.get(node.parent_id or 0)
    is_area = bool(above and above.kind == Device.Kind.AREA)
    own = names.get(f"owner:bus:{node.at_bus}", "")
    return own or (names.get(f"owner:transformer:{above.code}", "") if above and is_area else "")


def _line(node: Device, homes: dict[int, Device]) -> str:
    """The feeder a node hangs on, by its name."""
    above = homes.get(node.parent_id or 0)
    while above and above.kind != Device.Kind.FEEDER:
        above = homes.get(above.parent_id or 0)
    return above.name if above else ""


@lru_cache(maxsize=4)
def loads_below(version_id: int) -> dict[str, int]:
    """Bus → at how many places its own distribution transformers feed a load."""
    network, land = network_of(version_id), territory_of(version_id)
    fed = Counter(int(land.area[bus]) for bus in np.unique(network.loads.bus))
    trafos, found = network.transformers, Counter[str]()
    for row, count in fed.items():
        if row >= 0:
            found[network.buses.id[int(trafos.hv_bus[row])]] += count
    return dict(found)


def only_others(near: Sequence[Near], owners: dict[int, Owner]) -> tuple[list[Near], list[Finding]]:
    """The nodes from which somebody else can be supplied, and how many were left out as a customer's own."""
    own = [item.node for item in near if owners[item.node.pk].side == "customer"]
    kept = [item for item in near if owners[item.node.pk].side != "customer"]
    if not own:
        return kept, []
    names = "、".join(node.pole or node.name for node in own[:SHOWN])
    return kept, [Finding("scheme.customers_own", count=len(own), names=names)]
