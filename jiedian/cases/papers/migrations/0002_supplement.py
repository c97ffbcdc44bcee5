from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notice',
            name='a_notice_is_given_once',
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('one_time', '一次告知书'), ('receipt', '受理回执'), ('supplement', '补充告知书')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['one_time', 'receipt'])), fields=('case', 'kind', 'language'), name='a_notice_is_given_once'),
        ),
    ]
