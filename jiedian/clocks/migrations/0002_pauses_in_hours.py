"""Pauses of short limits count in hours: when a clock was paused, and what is left over of its pauses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]

    operations = [
        migrations.AddField("clock", "paused_at", models.DateTimeField(null=True)),
        migrations.AddField("clock", "stood_minutes", models.PositiveIntegerField(default=0)),
        migrations.AddIndex(
            "clock",
            models.Index(
                fields=["stopped_at"], condition=models.Q(("stopped_at__isnull", False)), name="ended_at"
            ),
        ),
        migrations.AddIndex(
            "clock",
            models.Index(
                fields=["subject"],
                condition=models.Q(("ref", ""), ("state__in", ("running", "paused"))),
                name="live_of_a_case",
            ),
        ),
        migrations.RunSQL(
            """UPDATE clocks_clock c SET paused_at = coalesce(
                 (SELECT min(p.started_at) FROM clocks_pause p WHERE p.subject = c.subject AND p.ended_at IS NULL),
                 c.paused_on + time '08:00' AT TIME ZONE 'Asia/Shanghai')
               WHERE c.state = 'paused'""",
            migrations.RunSQL.noop,
        ),
    ]
