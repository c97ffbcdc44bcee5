from django.db import migrations, models


class Migration(migrations.Migration):
    """How far a planner looks for supply points, and which he added."""

    dependencies = [("study", "0003_is_use_told")]

    operations = [
        migrations.AddField("site", "search_m", models.FloatField(default=0)),
        migrations.AddField("site", "added", models.JSONField(default=list)),
    ]
