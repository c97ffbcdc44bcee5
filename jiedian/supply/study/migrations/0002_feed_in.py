"""上网功率: what a customer wants to feed in stands with his load."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("study", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="site",
            name="feed_in_kw",
            field=models.FloatField(default=0),
        ),
    ]
