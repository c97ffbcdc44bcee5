"""Joins Procrastinate to the rooms: every task a room offers is registered here, once."""

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Import the modules whose tasks the worker must know."""
