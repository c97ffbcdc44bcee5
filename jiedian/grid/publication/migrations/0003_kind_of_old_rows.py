"""The kind of device of the rows that were kept before issues kept it themselves."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery


def say_kinds(apps: Any, _schema: Any) -> None:
    """A device never changes its kind, so what it is now it was then."""
    published, device = apps.get_model("publication", "Published"), apps.get_model("network", "Device")
    kind = device.objects.filter(pk=OuterRef("device_id")).values("kind")[:1]
    published.objects.filter(kind="").update(kind=Subquery(kind))


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0001_initial"),
        ("publication", "0002_what_an_issue_knows"),
    ]
    operations = [migrations.RunPython(say_kinds, migrations.RunPython.noop)]
