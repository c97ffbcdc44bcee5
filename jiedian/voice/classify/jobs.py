"""Jobs of the classifier: guess what came in, train the first version and those that staff's labels are worth."""

from procrastinate.contrib.django import app

from jiedian.core.findings import Refused
from jiedian.ground.journal.services import Actor
from jiedian.shell.shell import business_now

from .services.classification import AT_ONCE, classify_waiting
from .services.versions import train_first, train_version, train_when_due

QUEUE = "classify"


@app.periodic(cron="* * * * * */10")
@app.task(name="voice.classify", queue=QUEUE, queueing_lock="voice.classify", lock="voice.classify")
def classify(timestamp: int) -> None:
    """Guess for everything that waits; the first time, train what guesses."""
    train_first(at=business_now())
    while classify_waiting() == AT_ONCE:
        pass


@app.periodic(cron="13 3 * * *")
@app.task(name="voice.train_when_due", queue=QUEUE, lock="voice.classify")
def train_at_night(timestamp: int) -> None:
    """Learn from staff's labels when there are enough of them."""
    train_when_due(at=business_now())


@app.task(name="voice.train", queue=QUEUE, lock="voice.classify")
def train(actor_id: int | None, actor_name: str, actor_role: str) -> None:
    """Train a candidate because somebody asked; when nothing has changed there is nothing to do."""
    try:
        train_version(actor=Actor(actor_id, actor_name, actor_role), at=business_now())
    except Refused:
        return
