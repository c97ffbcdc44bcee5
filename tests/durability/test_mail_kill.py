"""The short form of the mail soak: eight kills while mail is being fetched, every mail exactly once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.launch import dovecot

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(dovecot.program() is None, reason="dovecot is not installed and could not be")
def test_eight_kills_while_mail_is_fetched_lose_and_double_nothing() -> None:
    words = [sys.executable, "-m", "tests.durability.mailsoak", "--kills", "8", "--seed", "7"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
