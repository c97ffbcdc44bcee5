"""A million tellings: found by words and filters, and the doubles of one text, against a plain scan and scikit-learn."""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django

django.setup()

from django.db import connection  # noqa: E402

from bench._measure import say
from jiedian.ground.rulebook.services import load
from jiedian.voice.inbox.calc.grams import bands, tokens
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.queries.likeness import duplicates
from jiedian.voice.inbox.queries.tellings import COUNTED, Hits, lines, search

ROWS = int(os.environ.get("JIEDIAN_BENCH_ROWS", "1000000"))
CHANNELS = ("mail", "sms", "wechat", "web", "hotline", "city_hotline", "letter", "hall", "app", "weibo")
LEAVES = (
    "speed",
    "response",
    "service",
    "interaction",
    "investment",
    "access",
    "operation",
    "voltage",
    "frequency",
    "reliability",
)
STREETS = ("柳泉路", "人民路", "共青团路", "华光路", "金晶大道", "昌国路", "联通路", "世纪路")
BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = "channel,external_id,subject,text,excerpt,language,place,concern_id,route,refused,received_at,key,leaf,step,is_trusted,corrected_by,is_simulated,grams,bands"
ASKED: tuple[dict[str, str], ...] = (
    {"text": "停电"},
    {"text": "什么时候 装表"},
    {"text": "变压器", "channel": "mail"},
    {"text": "收费 明细", "leaf": "investment"},
    {"text": "电压低", "state": "open"},
    {"text": "充电桩"},
    {"text": "冷库等着用电"},
    {"text": "柳泉路 停电", "channel": "hotline"},
    {"channel": "wechat", "leaf": "speed"},
    {"state": "open"},
    {"text": "S-2025-000777"},
    {"text": "13812345678"},
    {"text": "从来没有人说过的话"},
)


def texts(part: int, rows: int) -> list[str]:
    """Lines for COPY: the corpus's sentences cut and joined anew, with a street and a number, no two quite alike."""
    dice = random.Random(part)
    pieces = [
        p for row in _corpus() for p in row.replace("？", "。").replace("，", "。").split("。") if len(p) > 3
    ]
    made = []
    for n in range(rows):
        number = part * rows + n
        text = (
            "，".join(dice.sample(pieces, dice.randint(2, 4)))
            + f"，{dice.choice(STREETS)} {dice.randint(1, 900)} 号。"
        )
        at = BEGUN + timedelta(seconds=(number * 7919) % 60_000_000)
        cells = (
            dice.choice(CHANNELS), str(number), "", text, "", "zh-hans", "", str(1 + number % 200_000), "{}", "[]",
            at.isoformat(), f"00000000-0000-4000-8000-{number:012d}", dice.choice(LEAVES), "", "f", "", "t",
            _array(tokens(text)), _array(bands(text)),
        )  # fmt: skip
        made.append("\t".join(cells))
    return made


def _corpus() -> list[str]:
    from demo.voices import SayingRow

    return [row.text for row in load("voice/corpus.csv", SayingRow)]


def _array(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def fill() -> None:
    """Two hundred thousand concerns and the tellings, by COPY with the indexes built after."""
    parts = max(ROWS // 20_000, 1)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE inbox_concern CASCADE")
        cursor.execute(
            "INSERT INTO inbox_concern (id, number, state, title, is_complaint, leaf, step, place, owner_name, opened_at, is_simulated)"
            " SELECT n, 'S-2025-' || lpad(n::text, 6, '0'), CASE WHEN n % 20 = 0 THEN 'open' ELSE 'closed' END, 'x', false, '', '', '', '', now(), true"
            " FROM generate_series(1, 200000) n"
        )
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'inbox_telling' AND indexname LIKE 'telling_%'"
        )
        kept = cursor.fetchall()
        for name, _definition in kept:
            cursor.execute(f"DROP INDEX {name}")
        with (
            ProcessPoolExecutor(2) as pool,
            cursor.copy(f"COPY inbox_telling ({COLUMNS}) FROM STDIN") as copy,
        ):
            for made in pool.map(texts, range(parts), [ROWS // parts] * parts):
                copy.write("\n".join(made) + "\n")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, definition in kept:
            cursor.execute(definition)
        cursor.execute("ANALYZE inbox_telling")
        cursor.execute("ANALYZE inbox_concern")


def page(asked: dict[str, str]) -> None:
    """What the inbox does for one request: a page of thirty, and the count it shows."""
    found = Hits(search(**asked))
    found.count()
    lines(found[:30])


def scan(asked: dict[str, str]) -> None:
    """The peer: the same page by LIKE over the table, as one would write it without an index for Chinese."""
    rows = Telling.objects.order_by("-received_at", "-id")
    for word in asked.get("text", "").split():
        rows = rows.filter(text__contains=word)
    exact = {"channel": asked.get("channel"), "leaf": asked.get("leaf"), "concern__state": asked.get("state")}
    found = rows.filter(**{k: v for k, v in exact.items() if v})
    lines([t.pk for t in found[:30]])
    len(found.order_by().values_list("pk", flat=True)[: COUNTED + 1])


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def searching() -> None:
    ours: list[float] = []
    theirs: list[float] = []
    for round_ in range(5):
        for asked in ASKED:
            ours.append(timed(lambda a=asked: page(a)))  # type: ignore[misc]
            if round_ < 2:
                theirs.append(timed(lambda a=asked: scan(a)))  # type: ignore[misc]
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        product, peer = (sorted(held)[int(share * (len(held) - 1))] for held in (ours, theirs))
        say(
            "voice_search",
            f"{ROWS} tellings: a page of the inbox, {name}; peer LIKE without our index",
            product,
            peer,
            unit="s",
        )


def doubles() -> None:
    """The peer reads every text and its vectors are kept in memory; its making is not counted."""
    from sklearn.feature_extraction.text import HashingVectorizer

    rows = Telling.objects.order_by("id").values_list("text", flat=True)
    some = [rows[n * (ROWS // 10)] for n in range(10)]
    counted = min(ROWS, 200_000)
    vectorizer = HashingVectorizer(
        analyzer="char", ngram_range=(2, 3), n_features=2**18, alternate_sign=False
    )
    held = list(rows[:counted])
    matrix = vectorizer.transform(held)
    ours, theirs = [], []
    for text in some:
        spoiled = text[:-6] + "请尽快处理"
        found: list[object] = []
        ours.append(timed(lambda t=spoiled, f=found: f.extend(duplicates(t))))  # type: ignore[misc]
        assert any(telling.text == text for telling, _score in found), text  # type: ignore[misc]
        peer = timed(lambda t=spoiled: (matrix @ vectorizer.transform([t]).T).toarray().argmax())  # type: ignore[misc]
        theirs.append(peer * ROWS / counted)
    case = f"doubles of one text among {ROWS}, median of {len(some)}; peer scikit-learn 2-3-grams on {counted} held in memory, scaled"
    say("voice_search", case, statistics.median(ours), statistics.median(theirs), unit="s")
    say(
        "voice_search",
        f"doubles of one text among {ROWS}, slowest; same peer",
        max(ours),
        max(theirs),
        unit="s",
    )


def main() -> int:
    begun = time.perf_counter()
    fill()
    print(f"{ROWS} tellings in {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    searching()
    doubles()
    return 0


if __name__ == "__main__":
    sys.exit(main())
