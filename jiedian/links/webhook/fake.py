"""Stand-in for platforms behind the signed webhook: checks our signature, drops repeats by key, shows what it took.

``POST /say`` with {"channel", "from", "text"} makes one of its made-up users write to jiedian (--target), signed.
"""

import argparse
import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StandIn(BaseHTTPRequestHandler):
    """POST / takes an answer; POST /say pushes; GET lists the answers taken."""

    taken: dict[str, dict[str, str]] = {}
    target = ""
    secrets: dict[str, str] = {}

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        content = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1_000_000))
        if self.path == "/say":
            return self._answer(*self._push(json.loads(content)))
        begin = ".".join(self.headers.get(f"X-Jiedian-{name}", "") for name in ("Id", "Timestamp"))
        message = json.loads(content)
        secret = self.secrets.get(message.get("platform", ""), "")
        right = hmac.new(secret.encode(), f"{begin}.".encode() + content, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, self.headers.get("X-Jiedian-Signature", "")):
            return self._answer(401, {"error": "signature"})
        StandIn.taken.setdefault(message["key"], message)
        return self._answer(202, {"stand_in": True})

    def _push(self, said: dict[str, str]) -> tuple[int, dict[str, object]]:
        channel, stamp = said.pop("channel"), str(int(time.time()))
        key, content = said.get("id") or str(uuid.uuid4()), json.dumps(said, ensure_ascii=False).encode()
        secret = self.secrets.get(channel, "").encode()
        made = hmac.new(secret, f"{key}.{stamp}.".encode() + content, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-Jiedian-Id": key,
            "X-Jiedian-Timestamp": stamp,
            "X-Jiedian-Signature": made.hexdigest(),
        }
        request = urllib.request.Request(f"{self.target}/hooks/{channel}/", data=content, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, {"error": error.read().decode("utf-8", "replace")[:500]}

    def do_GET(self) -> None:  # noqa: N802
        self._answer(200, {"what": "stand-in for QQ and Weibo", "taken": list(self.taken.values())})

    def _answer(self, status: int, content: dict[str, object]) -> None:
        data = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Texts and accounts are not logged."""


def write(url: str, said: dict[str, str]) -> None:
    """One of the demo's people writes, by the stand-in listening at ``url``. Raises OSError."""
    data = json.dumps(said).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/say", data=data)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", default="", help="where jiedian answers, e.g. http://127.0.0.1:8000")
    options = parser.parse_args()
    StandIn.target = options.target.rstrip("/")
    pairs = (pair.partition("=") for pair in os.environ.get("JIEDIAN_HOOK_SECRETS", "").split(",") if pair)
    StandIn.secrets = {name: secret for name, _, secret in pairs}
    server = ThreadingHTTPServer(("127.0.0.1", options.port), StandIn)
    print(f"stand-in platforms on port {options.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
