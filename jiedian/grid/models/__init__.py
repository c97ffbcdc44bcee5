"""电网: networks and their versions, named devices, measured load, reservations, publications."""

from .capacity import Measured, Publication, Published, Reservation, Standing
from .network import Account, Device, Grid, Import, Version

__all__ = [
    "Account",
    "Device",
    "Grid",
    "Import",
    "Measured",
    "Publication",
    "Published",
    "Reservation",
    "Standing",
    "Version",
]
