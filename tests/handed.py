"""Files on their way in tests: what the worker does, done at once."""

from jiedian.ground.files import services
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor


def read_now() -> FileImport:
    """Let the worker read the file handed in last."""
    services.read_in(Fact.objects.filter(kind="file.handed").latest("id"))
    return FileImport.objects.latest("id")


def take_now(*, actor: Actor, without_bad: bool = False) -> FileImport:
    """Read the file handed in last and take it over."""
    row = read_now()
    services.take_in(services.order(row, without_bad=without_bad, actor=actor, at=row.checked_at))
    row.refresh_from_db()
    return row
