"""One index answers words, channel and leaf together: its lists of hits are crossed while they are read."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0005_hotspot_feeder'),
    ]

    operations = [
        BtreeGinExtension(),
        migrations.RemoveIndex(
            model_name='telling',
            name='telling_grams',
        ),
        migrations.AddIndex(
            model_name='telling',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['grams', 'channel', 'leaf'], name='telling_found'),
        ),
    ]
