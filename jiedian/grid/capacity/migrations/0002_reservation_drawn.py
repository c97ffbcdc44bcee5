"""已入图: what was beside a reservation, and the version that has it. What ran at the time of the upgrade is judged as before
for load (the version in force has it), and for generation by what the network fed when it was asked for."""

import django.db.models.deletion
import numpy as np
from django.db import migrations, models

from jiedian.grid.circuit.calc.packing import unpack


def fill(apps, schema_editor):
    Reservation, Version = apps.get_model("capacity", "Reservation"), apps.get_model("network", "Version")
    entered = Version.objects.filter(entered_at__isnull=False, undone_at=None).defer("snapshot")
    for row in Reservation.objects.filter(is_generation=False, state="connected"):
        row.drawn_in = entered.filter(grid_id=row.grid_id).order_by("-effective_at", "-number").first()
        row.save(update_fields=["drawn_in"])
    fed = {}
    for row in Reservation.objects.filter(is_generation=True).exclude(state="released").select_related("node"):
        then = entered.filter(grid_id=row.grid_id, entered_at__lte=row.asked_at)
        version = then.order_by("-effective_at", "-number").first()
        if version is None:
            continue
        if version.pk not in fed:
            fed[version.pk] = _fed(unpack(bytes(version.snapshot)))
        row.beside_kw = fed[version.pk].get(row.node.at_bus, 0.0)
        row.save(update_fields=["beside_kw"])


def _fed(network):
    count = len(network.buses.id)
    kw = np.bincount(network.generators.bus, np.maximum(np.nan_to_num(network.generators.p_kw), 0.0), count)
    kw = kw + np.bincount(network.loads.bus, np.maximum(-np.nan_to_num(network.loads.p_kw), 0.0), count)
    return dict(zip(network.buses.id, kw.tolist(), strict=True))


class Migration(migrations.Migration):
    dependencies = [("capacity", "0001_initial"), ("network", "0002_base_map")]

    operations = [
        migrations.AddField("reservation", "beside_kw", models.FloatField(default=0)),
        migrations.AddField(
            "reservation",
            "drawn_in",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="network.version",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
