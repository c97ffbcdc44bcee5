"""底图: the streets and places under the network."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="BaseMap",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=120)),
                ("source", models.CharField(blank=True, max_length=200)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("is_made_up", models.BooleanField(default=False)),
                ("sha256", models.CharField(max_length=64)),
                ("counts", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=list)),
                ("snapshot", models.BinaryField()),
                ("taken_by", models.CharField(max_length=80)),
                ("taken_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
