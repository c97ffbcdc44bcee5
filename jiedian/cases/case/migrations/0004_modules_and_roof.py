"""装机两口径与同一屋顶: the modules beside the inverters, and the roof by which another application is found."""

from typing import Any

from django.db import migrations, models

from jiedian.cases.case.models.feed_in import roof_index


def say_roofs(apps: Any, _editor: Any) -> None:
    """Give every application for PV of before its roof."""
    for kept in apps.get_model("case", "FeedIn").objects.select_related("case").iterator():
        kept.roof_index = roof_index(kept.case.address)
        kept.save(update_fields=["roof_index"])


class Migration(migrations.Migration):
    dependencies = [("case", "0003_feed_in")]

    operations = [
        migrations.AlterField(
            model_name="feedin",
            name="roof",
            field=models.CharField(
                choices=[
                    ("own", "自己的"),
                    ("shared", "与他人共有（楼顶等）"),
                    ("leased", "租来的"),
                    ("lent", "别人的，房主同意用"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="feedin",
            name="module_kwp",
            field=models.DecimalField(blank=True, decimal_places=1, max_digits=8, null=True),
        ),
        migrations.AddField(
            model_name="feedin",
            name="roof_index",
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.RunPython(say_roofs, migrations.RunPython.noop),
    ]
