from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("shell", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LastLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
