"""An inspection keeps the code of its step; which steps inspect is said by the processes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("works", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="inspection", name="kind", field=models.CharField(max_length=24)
        ),
    ]
