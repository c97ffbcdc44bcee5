"""轻载: stored feed-in of before was computed at full load; the worker computes it anew, and until then no issue calls it exact."""

from django.db import migrations


def anew(apps, schema_editor):
    apps.get_model("capacity", "Standing").objects.filter(direction="generation").update(is_exact=False)


class Migration(migrations.Migration):
    dependencies = [("capacity", "0002_reservation_drawn")]

    operations = [migrations.RunPython(anew, migrations.RunPython.noop)]
