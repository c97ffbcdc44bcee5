"""Progress of long work on an import, told from outside its transaction so that the page can show it."""

from django.db import DEFAULT_DB_ALIAS, connections


def say(import_id: int, stage: str) -> None:
    """Write a stage; nothing happens for an import nobody waits for."""
    outside = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with outside.cursor() as cursor:
            cursor.execute("UPDATE network_progress SET stage = %s WHERE of_id = %s", [stage, import_id])
    finally:
        outside.close()
