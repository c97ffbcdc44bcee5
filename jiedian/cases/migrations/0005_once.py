"""An application that was sent twice is one case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_history")]
    operations = [
        migrations.AddField(
            model_name="case", name="once", field=models.UUIDField(null=True, unique=True)
        ),
    ]
