"""A breach that was taken wrongly can be cleared: when, by whom, why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("case", "0001_initial")]

    operations = [
        migrations.AddField("breach", "cleared_at", models.DateTimeField(null=True)),
        migrations.AddField("breach", "cleared_by", models.CharField(blank=True, default="", max_length=80)),
        migrations.AddField("breach", "cleared_reason", models.CharField(blank=True, default="", max_length=200)),
    ]
