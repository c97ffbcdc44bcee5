"""Classify customers' texts: the corpus stays as it was frozen, strangers' texts are understood, confidence means something."""

import csv
import hashlib
import io
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.voice.classify import shelf
from jiedian.voice.classify.calc import accuracy
from jiedian.voice.classify.calc.classify import (
    GROUP_OF,
    STEPS,
    Classifier,
    Keywords,
    Sample,
    fingerprint,
    train,
    trust,
)
from jiedian.voice.classify.calc.examine import ExamText, examine
from jiedian.voice.classify.rows import CorpusRow, corpus, held_out, keywords
from jiedian.voice.inbox.rows import threshold
from tools import classify as command

WITH_TEXT = st.text(alphabet="电停压表线费合同快慢什么时候来，。?!1２a ", max_size=30)


@cache
def version_without(*, author: str = "", held: bool = False) -> Classifier:
    rows = [r for r in corpus() if r.author != author and not (held and r.thread in held_out())]
    return train([r.sample for r in rows], keywords(), trusted_accuracy=threshold("trusted_accuracy"))


def measured(version: Classifier, rows: list[CorpusRow]) -> accuracy.Score:
    guesses = version.guesses([r.text for r in rows])
    return accuracy.score([r.leaf for r in rows], [g.leaf for g in guesses], list(GROUP_OF))


HELD = [r for r in corpus() if r.thread in held_out()]


def test_the_frozen_split_is_as_it_was_frozen() -> None:
    told = "\n".join(f"{r.id}|{r.text}|{r.leaf}|{r.step}|{r.channel}|{r.also}" for r in HELD)
    assert len(HELD) == 517
    assert (
        hashlib.sha256(told.encode()).hexdigest()
        == "ea5bafc05cf4bf8c8117efbc31073fb3671f0b0dd1e815879a767b0e245d043f"
    )


def test_the_corpus_is_large_labelled_and_without_repeats() -> None:
    rows = corpus()
    assert len(rows) >= 2000
    assert len({r.text for r in rows}) == len(rows)
    assert {r.leaf for r in rows} == set(GROUP_OF) and {r.step for r in rows} == set(STEPS)
    assert all(r.also in GROUP_OF or r.also == "" for r in rows)
    assert min(Counter(r.leaf for r in rows).values()) >= 180
    assert len({(r.leaf, r.step) for r in rows}) == 90
    assert len({r.channel for r in rows}) == 14 and len({r.author for r in rows}) == 3
    assert {r.thread for r in rows} >= held_out()
    assert {t: {r.author for r in rows if r.thread == t} for t in held_out()} == {
        t: {next(r.author for r in rows if r.thread == t)} for t in held_out()
    }


def test_no_text_of_the_frozen_split_has_a_twin_in_training() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = corpus()
    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 3)).fit_transform(
        ["".join(c for c in r.text if c.isalnum()) for r in rows]
    )
    is_held = np.array([r.thread in held_out() for r in rows])
    assert (grams[is_held] @ grams[~is_held].T).max() < 0.8


def test_held_out_texts_are_understood() -> None:
    found = measured(version_without(held=True), HELD)
    assert found.macro_f1 > 0.82 and found.low > 0.79
    steps = [g.step for g in version_without(held=True).guesses([r.text for r in HELD])]
    assert np.mean([g == r.step for g, r in zip(steps, HELD, strict=True)]) > 0.68


@pytest.mark.parametrize("author", ["one", "two"])
def test_an_author_nobody_trained_on_is_understood(author: str) -> None:
    rows = [r for r in corpus() if r.author == author]
    assert measured(version_without(author=author), rows).accuracy > 0.80


def test_confidence_is_calibrated_and_trust_keeps_its_word() -> None:
    guesses = version_without(held=True).guesses([r.text for r in HELD])
    right = [g.leaf == r.leaf for g, r in zip(guesses, HELD, strict=True)]
    error, _bins = accuracy.calibration([g.confidence for g in guesses], right)
    assert error < 0.08
    trusted = [ok for ok, g in zip(right, guesses, strict=True) if g.is_trusted]
    assert np.mean(trusted) > 0.87 and len(trusted) > 0.75 * len(HELD)
    assert np.mean(trusted) > np.mean(right)


def test_each_channel_is_measured_for_itself() -> None:
    from sklearn.metrics import f1_score

    guesses = version_without(held=True).guesses([r.text for r in HELD])
    found = examine(guesses, [ExamText(r.sample, r.channel) for r in HELD])
    assert sum(row["n"] for row in found["channels"]) == len(HELD)
    assert np.average(
        [row["accuracy"] for row in found["channels"]], weights=[row["n"] for row in found["channels"]]
    ) == pytest.approx(found["accuracy"])
    row = next(row for row in found["channels"] if row["id"] == "weibo")
    pairs = [(r.leaf, g.leaf) for r, g in zip(HELD, guesses, strict=True) if r.channel == "weibo"]
    peer = f1_score([a for a, _ in pairs], [b for _, b in pairs], average="macro", zero_division=0)
    assert row["macro_f1"] == pytest.approx(peer) and row["low"] < row["macro_f1"] < row["high"]


def test_the_surest_texts_are_the_rightest() -> None:
    guesses = version_without(held=True).guesses([r.text for r in HELD])
    right = [g.leaf == r.leaf for g, r in zip(guesses, HELD, strict=True)]
    curve = accuracy.coverage_curve([g.confidence for g in guesses], right)
    assert [c.confidence for c in curve] == sorted((c.confidence for c in curve), reverse=True)
    assert curve[-1].coverage == 1 and curve[-1].accuracy == np.mean(right)
    assert curve[9].accuracy > curve[-1].accuracy + 0.05


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    st.floats(0.05, 1),
    st.floats(0.05, 1),
)
def test_a_higher_bar_trusts_fewer(told: list[tuple[float, bool]], one: float, two: float) -> None:
    confidence, right = np.array([c for c, _ in told]), np.array([r for _, r in told])
    low, high = (trust(confidence, right, wanted) for wanted in sorted((one, two)))
    assert low[0] <= high[0] and low[1] >= high[1]


@settings(max_examples=40, deadline=None)
@given(st.lists(WITH_TEXT, max_size=8))
def test_guesses_do_not_depend_on_the_company_they_keep(texts: list[str]) -> None:
    version = version_without(held=True)
    together, alone = version.guesses(texts), [version.guesses([text])[0] for text in texts]
    for a, b in zip(together, alone, strict=True):
        assert (a.leaf, a.step, a.is_trusted) == (b.leaf, b.step, b.is_trusted)
        assert a.confidence == pytest.approx(b.confidence) and 0 < a.confidence <= 1
        assert a.group == GROUP_OF[a.leaf] and a.step in STEPS


def test_scores_equal_scikit_learn() -> None:
    from sklearn import metrics

    rng = np.random.default_rng(4)
    truth, guess = rng.choice(list("abc"), 200, p=[0.6, 0.3, 0.1]), rng.choice(list("abc"), 200)
    found = accuracy.score(truth.tolist(), guess.tolist(), ["a", "b", "c"])
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, guess, average="macro"))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, guess))
    assert np.array(found.confusion).tolist() == metrics.confusion_matrix(truth, guess).tolist()
    assert found.low < found.macro_f1 < found.high
    p, r, f, n = metrics.precision_recall_fscore_support(truth, guess)
    assert [(c.precision, c.recall, c.f1, c.n) for c in found.classes] == [
        (pytest.approx(a), pytest.approx(b), pytest.approx(c), d)
        for a, b, c, d in zip(p, r, f, n, strict=True)
    ]


def test_comparing_equals_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import mcnemar

    rng = np.random.default_rng(5)
    old, new = rng.random(300) < 0.8, rng.random(300) < 0.86
    table = [[(old & new).sum(), (old & ~new).sum()], [(~old & new).sum(), (~old & ~new).sum()]]
    found = accuracy.compare(old.tolist(), new.tolist())
    assert found.p == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found.gain == pytest.approx(new.mean() - old.mean()) and found.low <= found.gain <= found.high


def test_a_version_comes_back_from_the_shelf_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDIAN_RUN_DIR", str(tmp_path))
    told = tuple(r.sample for r in corpus()[::8])
    shelf.classifier.cache_clear()
    made = shelf.classifier(told, keywords(), 0.9)
    shelf.classifier.cache_clear()
    monkeypatch.setattr(shelf, "train", None)
    again = shelf.classifier(told, keywords(), 0.9)
    texts = [r.text for r in corpus()[:50]]
    assert made.guesses(texts) == again.guesses(texts) and made.trusted_from == again.trusted_from
    shelf.classifier.cache_clear()


def test_a_broken_file_on_the_shelf_is_trained_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDIAN_RUN_DIR", str(tmp_path))
    told = tuple(r.sample for r in corpus()[::8])
    key = fingerprint(told, keywords(), trusted_accuracy=0.9)
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / f"classifier-{key}.npz").write_bytes(b"PK\x03\x04 torn")
    shelf.classifier.cache_clear()
    assert shelf.classifier(told, keywords(), 0.9).guesses(["停电"])[0].leaf in GROUP_OF
    shelf.classifier.cache_clear()


def test_a_changed_rule_or_text_is_another_version() -> None:
    told = [Sample("停电", "reliability", "operate", "x")]
    one = fingerprint(told, [Keywords("A", "reliability", ("停",))], trusted_accuracy=0.9)
    assert one != fingerprint(told, [Keywords("A", "reliability", ("停", "电"))], trusted_accuracy=0.9)
    assert one != fingerprint([*told, *told], [Keywords("A", "reliability", ("停",))], trusted_accuracy=0.9)
    assert one == fingerprint(list(told), [Keywords("A", "reliability", ("停",))], trusted_accuracy=0.9)


def test_every_keyword_rule_has_a_known_target() -> None:
    rows = csv.DictReader(Path("jiedian/rules/voice/keywords.csv").read_text("utf-8").splitlines())
    for row in rows:
        assert row["target"] in {"leaf": set(GROUP_OF), "step": set(STEPS)}[row["kind"]], row


def ran(
    capsys: pytest.CaptureFixture[str], data: bytes, tmp_path: Path
) -> tuple[int, list[dict[str, str]], str]:
    (tmp_path / "in.csv").write_bytes(data)
    code = command.main([str(tmp_path / "in.csv")])
    out, err = capsys.readouterr()
    return code, list(csv.DictReader(io.StringIO(out))), err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_the_command_reads_what_people_send(
    encoding: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = 'id,Text ,note\r\n1,"啥时候通电，急用",a\r\n2,,b\r\n\r\n3,"晚上灯忽明忽暗\n电压只有190伏"\r\n'
    code, rows, err = ran(capsys, told.encode(encoding), tmp_path)
    assert code == 0 and list(rows[0]) == list(command.HEADER)
    assert [r["text"] for r in rows] == ["啥时候通电，急用", "", "晚上灯忽明忽暗\n电压只有190伏"]
    assert [r["leaf"] for r in rows][::2] == ["speed", "voltage"] and [r["step"] for r in rows][
        0
    ] == "energize"
    assert [r["abstained"] for r in rows] == ["no", "yes", "no"] and rows[1]["leaf"] in GROUP_OF
    assert "没有文字" in err and "Rows without text" in err


@pytest.mark.parametrize("nothing", ["", " ", "nan", "NaN", "None", "12345", "？？", "Power cut again!!"])
def test_what_holds_no_chinese_is_never_trusted(nothing: str) -> None:
    (guess,) = version_without(held=True).guesses([nothing])
    assert not guess.is_trusted and guess.leaf in GROUP_OF


def test_the_head_may_come_after_blank_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, rows, _err = ran(capsys, "\n\n编号;text\n1;电价，太贵\n".encode("gbk"), tmp_path)
    assert code == 0 and [row["text"] for row in rows] == ["电价，太贵"]


def test_a_text_alone_may_hold_commas(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, rows, err = ran(capsys, "text\n停电了,又停;真烦\n\n".encode(), tmp_path)
    assert (
        code == 0 and [r["text"] for r in rows] == ["停电了,又停;真烦"] and rows[0]["leaf"] == "reliability"
    )
    code, rows, err = ran(capsys, b"text\n", tmp_path)
    assert code == 0 and rows == []


def test_a_table_without_text_is_refused_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("id,words\n1,停电\n")
    assert command.main([str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv")]) == 2
    assert command.main([str(tmp_path / "none.csv"), "--out", str(tmp_path / "out.csv")]) == 2
    assert not (tmp_path / "out.csv").exists() and "缺列“诉求内容”" in capsys.readouterr().err
    (tmp_path / "in.csv").write_bytes(bytes(range(128, 256)) * 4)
    assert command.main([str(tmp_path / "in.csv")]) == 2
    (tmp_path / "in.csv").write_bytes(b"")
    assert command.main([str(tmp_path / "in.csv")]) == 2
