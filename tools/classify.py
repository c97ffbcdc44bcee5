"""``jiedian classify TEXTS.csv``: the leaf of the expectation tree and the process step of customers' texts."""

import argparse
import sys
from collections.abc import Iterator

from jiedian.core.findings import Finding, Refused
from jiedian.core.sheets import Asked, Column, read, text
from tools.sheets import column_map, read_file, write_rows

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
        asked = Asked(sheet=options.sheet, chosen=column_map(options.map))
        texts, findings = _read(read_file(options.texts), asked)
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
    parser.add_argument("--map", metavar="COLUMNS.csv", help="text,HEADING: which column holds the texts")
    parser.add_argument("--sheet", default="", help="which sheet of a workbook: its name or number")
    parser.add_argument("--out", default="-", help="where the result goes (default: standard output)")
    return parser.parse_args(argv)


TEXT = Column("text", "诉求内容", "text", COLUMNS[1:], is_needed=True)


def _read(data: bytes, asked: Asked) -> tuple[list[str], list[Finding]]:
    """The texts in their order, and what is to be said about them. Lines with nothing at all are passed over."""
    sheet = read(data, columns=[TEXT], asked=asked)
    sheet.refuse_if_lacking()
    if len(sheet.heading) == 1:  # a list of texts: a comma in one cuts nothing
        texts = [",".join(map(text, row.cells)) for row in sheet.rows]
    else:
        texts = [cells["text"] for _line, cells in sheet.texts()]
    report = list(sheet.report)
    empty = [line for line, words in enumerate(texts, start=1) if not words.strip()]
    if empty:
        told = f"{len(empty)}（{'、'.join(map(str, empty[:20]))}{'…' if len(empty) > 20 else ''}）"
        report.append(Finding("classify.empty", values=told))
    return texts, report


def _rows(texts: list[str]) -> Iterator[list[str]]:
    from jiedian.voice.classify.rows import corpus, keywords
    from jiedian.voice.classify.shelf import classifier
    from jiedian.voice.inbox.rows import threshold

    version = classifier(tuple(row.sample for row in corpus()), keywords(), threshold("trusted_accuracy"))
    for start in range(0, len(texts), SAID_EVERY):
        some = texts[start : start + SAID_EVERY]
        for words, guess in zip(some, version.guesses(some), strict=True):
            told = "no" if guess.is_trusted else "yes"
            yield [words, guess.group, guess.leaf, guess.step, f"{guess.confidence:.4f}", told]
        if len(texts) > SAID_EVERY:
            print(f"{start + len(some)} / {len(texts)}", file=sys.stderr)


def _say(findings: list[Finding] | tuple[Finding, ...]) -> None:
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)
