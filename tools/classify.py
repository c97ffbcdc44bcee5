"""``jiedian classify TEXTS.csv``: the leaf of the expectation tree and the process step of customers' texts."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import SEPARATORS, decode, numbered
from tools.sheets import write_rows

HEADER = ("text", "group", "leaf", "step", "confidence", "abstained")
COLUMNS = ("text", "文本", "诉求内容", "内容", "content")
EPILOG = """\
example:  jiedian classify texts.csv --out classified.csv
          texts.csv: a column named text (others are left out of the result); - reads standard input

leaf and step are always the best guess. confidence is the calibrated probability that the leaf is right;
abstained = yes says that it is below the bar at which nine of ten leaves are right, or that there is no text.
The first call trains on the corpus that comes along (seconds) and keeps the result for the next calls."""
SAID_EVERY = 20_000


def main(argv: list[str]) -> int:
    """Read, classify, write. 0 with the findings on stderr, 2 when nothing can be read."""
    options = _options(argv)
    try:
        texts, findings = _read(
            sys.stdin.buffer.read() if options.texts == "-" else Path(options.texts).read_bytes()
        )
        write_rows(options.out, HEADER, _rows(texts))
    except Refused as refusal:
        _say(refusal.findings)
        return 2
    except OSError as error:
        _say([Finding("file.access", error=error)])
        return 2
    _say(findings)
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="jiedian classify",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("texts", help="CSV with a column text, in UTF-8, UTF-16 or GBK")
    parser.add_argument("--out", default="-", help="where the result goes (default: standard output)")
    return parser.parse_args(argv)


def _read(data: bytes) -> tuple[list[str], list[Finding]]:
    """The texts in their order, and what is to be said about them. Lines with nothing at all are passed over."""
    text = decode(data)
    rows = [row for _line, row in numbered(text, separator=_separator(text)) if row]
    header = [name.strip().lower() for name in rows[0]] if rows else []
    column = next((header.index(name) for name in COLUMNS if name in header), None)
    if column is None:
        raise refuse("classify.column")
    if len(header) == 1:
        texts = [",".join(row) for row in rows[1:]]
    else:
        texts = [row[column] if column < len(row) else "" for row in rows[1:]]
    empty = [line for line, text in enumerate(texts, start=1) if not text.strip()]
    if not empty:
        return texts, []
    told = f"{len(empty)}（{'、'.join(map(str, empty[:20]))}{'…' if len(empty) > 20 else ''}）"
    return texts, [Finding("classify.empty", values=told)]


def _separator(text: str) -> str:
    """The mark that stands beside the wanted column in the header; a comma where it stands alone."""
    header = next((line for line in text.splitlines() if line.strip()), "").strip().strip('"').lower()
    for mark in SEPARATORS:
        if mark in header and set(COLUMNS) & {name.strip().strip('"').strip() for name in header.split(mark)}:
            return mark
    return ","


def _rows(texts: list[str]) -> Iterator[list[str]]:
    from jiedian.voice.classify.rows import corpus, keywords
    from jiedian.voice.classify.shelf import classifier
    from jiedian.voice.inbox.rows import threshold

    version = classifier(tuple(row.told for row in corpus()), keywords(), threshold("trusted_accuracy"))
    for start in range(0, len(texts), SAID_EVERY):
        some = texts[start : start + SAID_EVERY]
        for text, guess in zip(some, version.guesses(some), strict=True):
            told = "no" if guess.is_trusted else "yes"
            yield [text, guess.group, guess.leaf, guess.step, f"{guess.confidence:.4f}", told]
        if len(texts) > SAID_EVERY:
            print(f"{start + len(some)} / {len(texts)}", file=sys.stderr)


def _say(findings: list[Finding] | tuple[Finding, ...]) -> None:
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)
