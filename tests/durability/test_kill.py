"""The short form of the soak: twelve kills, four of each, and everything that was promised is still there."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_twelve_kills_lose_nothing() -> None:
    words = [sys.executable, "-m", "tests.durability.soak", "--kills", "12", "--seed", "7"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, json.dumps([done.stdout[-2000:], done.stderr[-2000:]])
