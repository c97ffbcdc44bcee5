from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("links", "0002_called_off")]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template", models.CharField(max_length=32)),
                ("zh", models.TextField()),
                ("en", models.TextField()),
                ("reason", models.CharField(max_length=200)),
                ("author_id", models.BigIntegerField(null=True)),
                ("author_name", models.CharField(max_length=80)),
                ("written_at", models.DateTimeField()),
            ],
            options={"ordering": ["-id"], "indexes": [models.Index(fields=["template"], name="links_wordi_templat_3b49e1_idx")]},
        ),
    ]
