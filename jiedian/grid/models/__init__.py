"""电网: networks and their versions, named devices, measured load, reservations, publications."""

from .capacity import Measured, Publication, Published, Reservation, Standing
from .network import Account, Device, Grid, Import, Progress, Version

__all__ = [
    "Account",
    "Device",
    "Grid",
    "Import",
    "Measured",
    "Progress",
    "Publication",
    "Published",
    "Reservation",
    "Standing",
    "Version",
]
