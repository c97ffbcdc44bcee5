"""Networks, their versions, and the named things people look up in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Grid(models.Model):
    """电网: one network under one name. One of them is the city's, to which customers are connected.

    ``revision`` is a new random number after every change of version or reservation: what was computed for another is stale.
    """

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    note_zh = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)
    is_city = models.BooleanField(default=False)
    is_simulated = models.BooleanField(default=False)
    revision = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_city"], condition=Q(is_city=True), name="one_city_grid")
        ]


class Import(models.Model):
    """A file handed in: its findings once it is read, and the network it would become. Nothing changes until it is taken over.

    ``parts`` are the files as they came; of a refused one they are gone. ``ask`` says what is to be read (a SimBench code) or
    done with it while it is WORKING; after the work was refused, why.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待读入")
        WORKING = "working", _("处理中")
        REFUSED = "refused", _("不可用")
        READ = "read", _("已读入，待启用")
        TAKEN = "taken", _("已启用")
        UNDONE = "undone", _("已撤销")

    grid_code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=16)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    findings = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    snapshot = models.BinaryField(null=True)
    parts = models.ManyToManyField("vault.Upload", related_name="+")
    ask = models.JSONField(default=dict)
    read_by = models.CharField(max_length=80)
    read_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]


class Progress(models.Model):
    """Progress of the reading of a file or the work on it; written from outside its transaction."""

    class Stage(models.TextChoices):
        WAITING = "waiting", _("等待读入")
        OPENING = "opening", _("取出文件")
        READING = "reading", _("读入并检查")
        KEEPING = "keeping", _("保存网络")
        NAMING = "naming", _("给设备命名")
        COUNTING = "counting", _("逐片计算可开放容量")

    of = models.OneToOneField(Import, primary_key=True, on_delete=models.CASCADE, related_name="progress")
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.WAITING)


class Version(models.Model):
    """版本: a network as it stands from an instant on. The snapshot holds the arrays (``core.grid.packing``)."""

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    effective_at = models.DateTimeField()
    snapshot = models.BinaryField()
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    source = models.ForeignKey(Import, on_delete=models.PROTECT, null=True, related_name="versions")
    refusals = models.JSONField(default=list)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["grid", "number"], name="one_version_a_number"),
        ]


class Device(models.Model):
    """设备: a thing with a name that people look up. It outlives versions; what a version lacks is retired, not deleted.

    ``code`` is the name in the network's own data, ``name`` the serial people use; ``at_bus`` the bus id at which the
    device stands (a feeder: the first bus behind its head).
    """

    class Kind(models.TextChoices):
        STATION = "station", _("变电站")
        SECTION = "section", _("母线段")
        MAIN = "main", _("主变")
        FEEDER = "feeder", _("馈线")
        AREA = "area", _("配变台区")
        NODE = "node", _("节点")

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    at_bus = models.CharField(max_length=120, blank=True)
    kv = models.FloatField(default=0)
    rated_kva = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    pole = models.CharField(max_length=60, blank=True)
    is_retired = models.BooleanField(default=False)

    @property
    def label(self) -> str:
        """Label of a device, as people call it: a node by its pole where it has one."""
        return self.pole or self.name

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["grid", "kind", "code"], name="one_device_a_code"),
        ]
        indexes = [
            models.Index(fields=["grid", "kind", "is_retired"]),
            models.Index(fields=["grid", "at_bus"]),
            models.Index(fields=["pole"]),
            models.Index(fields=["lon", "lat"]),
        ]


class Account(models.Model):
    """户号: at which node a neighbour is connected, so that a new customer can be placed beside him. No name, no address."""

    number = models.CharField(max_length=32, unique=True)
    node = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="accounts")
    loaded_at = models.DateTimeField()


class BaseMap(models.Model):
    """底图: streets, water, blocks and places under the network, one row a file taken in. The last one not undone stands.

    ``snapshot`` are its features packed (``calc.features``); ``source`` says which file they came from.
    """

    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    is_made_up = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    snapshot = models.BinaryField()
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
