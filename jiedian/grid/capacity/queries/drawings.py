"""The map of what is open: the land of the areas by a ramp in kW, the feeders, the stations, on the base map.

Staff, the public page and whoever else shows open capacity draw it here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.basemap import backdrop, device_name
from jiedian.grid.network.queries.land import land_of, wires_of
from jiedian.grid.network.queries.network import version_now
from jiedian.shell.atlas import Area, Dot, Ramp, Stroke, network_svg


@dataclass(frozen=True)
class MapDevice:
    """A device on the map: kW open there (None: a person must find), what the pointer is told, the address of its card."""

    device: Device
    kw: float | None
    title: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """Key that ties its mark to its row: ``data-key`` of both."""
        return f"d{self.device.pk}"


@dataclass(frozen=True)
class OpenMap:
    """A drawn map and the ramp of its legend."""

    svg: SafeString
    ramp: Ramp


def open_map(
    version_id: int,
    shown: Sequence[MapDevice],
    *,
    strokes: Sequence[Stroke] | None = None,
    dots: Sequence[Dot] = (),
    label: str = "",
) -> OpenMap:
    """The map of a version: areas as land, all else as marks. ``strokes`` instead of its named feeders; ``dots`` above all."""
    land = land_of(version_id)
    areas = [one for one in shown if one.device.kind == Device.Kind.AREA and one.device.code in land]
    drawn = {one.key for one in areas}
    ramp = Ramp.over(one.kw or 0.0 for one in (areas or shown))
    marks = [dot for one in shown if one.key not in drawn and (dot := _dot(one, ramp, has_areas=bool(areas)))]
    svg = network_svg(
        wires_of(version_id) if strokes is None else strokes,
        [*marks, *dots],
        label=label or _("可开放容量图"),
        areas=[
            Area(cell.rings, one.kw, one.title, one.key, one.url, cell.at)
            for one in areas
            for cell in (land[one.device.code],)
        ],
        ground=backdrop(),
        ramp=ramp,
    )
    return OpenMap(svg, ramp)


def _dot(one: MapDevice, ramp: Ramp, *, has_areas: bool) -> Dot | None:
    """A device without land: a node on a line, or an area where the network has no place of its nodes."""
    device = one.device
    if device.lon is None or device.lat is None:
        return None
    level = "hand" if one.kw is None else "none" if one.kw <= 0 else "spot"
    is_node = has_areas and device.kind == Device.Kind.NODE
    return Dot(
        device.lon,
        device.lat,
        "node" if is_node and level == "spot" else level,
        one.title,
        one.url,
        is_small=is_node,
        key=one.key,
        shade=ramp.step(one.kw or 0.0),
    )


def station_dots(devices: Iterable[Device], url: str = "") -> list[Dot]:
    """The stations among some devices, with their names; ``url`` with the number of one in place of ``{}``."""
    return [
        Dot(
            d.lon, d.lat, "station", device_name(d.name), url.format(d.pk) if url else "", device_name(d.name)
        )
        for d in devices
        if d.kind == Device.Kind.STATION and d.lon is not None and d.lat is not None
    ]


def feeder_names(devices: Iterable[Device]) -> dict[str, str]:
    """Name of each feeder among some devices by its code."""
    return {device.code: device_name(device.name) for device in devices if device.kind == Device.Kind.FEEDER}


def network_strokes(grid: Grid) -> tuple[list[Stroke], list[Dot]]:
    """The named feeders and stations of a grid as it stands, for maps of other rooms. Refused where no version is in force."""
    version_id = version_now(grid).pk
    wanted = grid.devices.filter(is_retired=False, kind__in=[Device.Kind.FEEDER, Device.Kind.STATION])
    devices = list(wanted)
    return wires_of(version_id, feeder_names(devices)), station_dots(devices)
