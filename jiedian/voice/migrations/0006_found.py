"""One index answers words, channel and leaf together: its lists of hits are crossed while they are read."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import DatabaseError, migrations


class Extension(BtreeGinExtension):
    """The extension, or words that say who can make it where the owner of the database may not."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        except DatabaseError as error:
            raise SystemExit(
                "数据库不允许建立扩展 btree_gin：请数据库管理员在本库执行一次 CREATE EXTENSION btree_gin，再启动 / the database does "
                "not allow the extension btree_gin: let its administrator run CREATE EXTENSION btree_gin in it once, then "
                f"start again ({str(error).strip()})"
            ) from error


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0005_hotspot_feeder'),
    ]

    operations = [
        Extension(),
        migrations.RemoveIndex(
            model_name='telling',
            name='telling_grams',
        ),
        migrations.AddIndex(
            model_name='telling',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['grams', 'channel', 'leaf'], name='telling_found'),
        ),
    ]
