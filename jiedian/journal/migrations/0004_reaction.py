from django.db import migrations, models


class Migration(migrations.Migration):
    """What a fact sets off waits in a table until it has run, so that a lost job can be given again."""

    dependencies = [("journal", "0003_seal_waits")]

    operations = [
        migrations.CreateModel(
            name="Reaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fact_uid", models.UUIDField()),
                ("function", models.CharField(max_length=120)),
                ("renewals", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("fact_uid", "function"), name="a_reaction_waits_once")
                ],
            },
        ),
    ]
