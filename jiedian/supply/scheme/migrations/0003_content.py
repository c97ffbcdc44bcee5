from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheme", "0002_countersign")]

    operations = [
        migrations.AddField(
            model_name="scheme", name="content", field=models.JSONField(default=dict)
        ),
    ]
