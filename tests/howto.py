"""Follows a how-to page: its blocks are written where the line above each says, into a copy of the checkout."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.shared import ROOT, clone
from tools.launch.developer import NO_DATABASE

HEAD = r"(?P<way>New|At the end of|Among the rows of|In) `(?P<path>[^`]+)`(?:, (?P<where>below|instead of) `(?P<anchor>[^\n]+)`)?:"
BLOCK = re.compile(rf"^{HEAD}\n```\w*\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A block of code and where it goes: a new file, the end of one, its sorted rows, or one of its lines."""

    way: str
    path: str
    where: str
    anchor: str
    text: str

    def write(self, root: Path) -> None:
        """Put it there. The line it refers to has to stand there once."""
        file = root / self.path
        if self.way == "New":
            assert not file.exists(), f"{self.path} is not new"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text, "utf-8")
            return
        held = file.read_text("utf-8")
        if self.way == "In":
            line = f"{self.anchor}\n"
            assert held.count(line) == 1, f"{self.path} has {held.count(line)} lines {self.anchor!r}"
            new = self.text if self.where == "instead of" else line + self.text
            file.write_text(held.replace(line, new), "utf-8")
        elif self.way == "Among the rows of":
            head, *rows = held.splitlines()
            rows = sorted([*rows, *self.text.splitlines()], key=lambda row: row.split(",")[0])
            file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
        else:
            file.write_text(held + self.text, "utf-8")


def blocks(page: str) -> list[Block]:
    """The blocks of a how-to that say where they go, in their order."""
    text = (ROOT / "docs/howto" / f"{page}.md").read_text("utf-8")
    return [
        Block(*(word or "" for word in found.group("way", "path", "where", "anchor", "text")))
        for found in BLOCK.finditer(text)
    ]


def follow(page: str, root: Path) -> Path:
    """A copy of the checkout in which a how-to was followed; where it is."""
    clone(root)
    for block in blocks(page):
        block.write(root)
    return root


def run(root: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, without the system of these tests but for what is given."""
    known = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, *words], cwd=root, env=known | NO_DATABASE | env, capture_output=True, text=True
    )
