from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheme", "0003_content")]

    operations = [
        migrations.AddField(
            model_name="scheme", name="why", field=models.JSONField(default=dict)
        ),
    ]
