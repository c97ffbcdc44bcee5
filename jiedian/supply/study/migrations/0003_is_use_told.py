"""用电类别: whether somebody said it, or a name only made it likely."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("study", "0002_feed_in")]

    operations = [
        migrations.AddField(
            model_name="site",
            name="is_use_told",
            field=models.BooleanField(default=False),
        ),
    ]
