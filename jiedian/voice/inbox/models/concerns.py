"""诉求: what a customer wants or complains of, told once or many times; proposals about it; the answer and its ways."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Concern(models.Model):
    """One wish or complaint. A concern merged into another stays as a signpost, so that merging can be undone."""

    class State(models.TextChoices):
        OPEN = "open", _("待答复")
        ANSWERED = "answered", _("已答复")
        CLOSED = "closed", _("已办结")
        MERGED = "merged", _("已并入")

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    title = models.CharField(max_length=120)
    customer = models.ForeignKey(
        "case.Customer", null=True, on_delete=models.SET_NULL, related_name="concerns"
    )
    case = models.ForeignKey("case.Case", null=True, on_delete=models.SET_NULL, related_name="concerns")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="merged")
    is_complaint = models.BooleanField(default=False)
    leaf = models.CharField(max_length=16, blank=True)
    step = models.CharField(max_length=16, blank=True)
    place = models.CharField(max_length=120, blank=True)
    owner_id = models.BigIntegerField(null=True)
    owner_name = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-opened_at"], name="concern_state"),
            models.Index(fields=["owner_id", "state"], name="concern_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="a_merged_concern_says_where",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stream(self) -> str:
        return f"concern:{self.number}"


class Proposal(models.Model):
    """That two concerns are one, or that one telling holds several; with its score and reasons, for a person to decide."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("合并")
        SPLIT = "split", _("拆分")

    class State(models.TextChoices):
        OPEN = "open", _("待定")
        ACCEPTED = "accepted", _("已采纳")
        REFUSED = "refused", _("未采纳")
        UNDONE = "undone", _("已撤销")

    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="proposals")
    into = models.ForeignKey(Concern, null=True, on_delete=models.CASCADE, related_name="invitations")
    telling = models.ForeignKey(
        "inbox.Telling", null=True, on_delete=models.CASCADE, related_name="proposals"
    )
    excerpts = models.JSONField(default=list)
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    moved = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-score", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="proposal_score_is_a_share"),
            models.UniqueConstraint(
                fields=["concern", "into"],
                condition=Q(kind="merge", state="open"),
                name="one_open_merge_proposal_a_pair",
            ),
        ]


class Reply(models.Model):
    """The answer to a concern, in the words the customer gets."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Delivery(models.Model):
    """One reply on its way back to one telling, by the channel the telling came from."""

    class State(models.TextChoices):
        WITH_GATEWAY = "gateway", _("交网关发送")
        WAITING = "waiting", _("待送达")
        DONE = "done", _("已送达")

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="deliveries")
    telling = models.ForeignKey("inbox.Telling", on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=16)
    way = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=State.choices)
    outbox = models.OneToOneField(
        "links.Outbox", null=True, on_delete=models.PROTECT, related_name="delivery"
    )
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["way", "state"], name="delivery_way")]
        constraints = [models.UniqueConstraint(fields=["reply", "telling"], name="a_reply_goes_back_once")]
