"""An invitation may be reminded of once: its link can be made again, with the vault's key alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0006_found'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='nonce',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='invitation',
            name='reminded_at',
            field=models.DateTimeField(null=True),
        ),
    ]
