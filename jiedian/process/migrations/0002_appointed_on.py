from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("process", "0001_initial")]

    operations = [migrations.AddField("step", "appointed_on", models.DateField(null=True))]
