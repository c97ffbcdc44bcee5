"""Stand-in for an SMS gateway: checks the signature, drops repeats by key, shows what it took, fails on purpose."""

import argparse
import hashlib
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StandIn(BaseHTTPRequestHandler):
    """POST takes a text; GET lists the texts taken, newest last."""

    taken: dict[str, dict[str, str]] = {}
    fail_every = 0
    count = 0
    secret = os.environ.get("JIEDIAN_SMS_SECRET", "")

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        content = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 10_000))
        right = hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, self.headers.get("X-Signature", "")):
            return self._answer(401, {"error": "signature"})
        StandIn.count += 1
        if self.fail_every and StandIn.count % self.fail_every == 0:
            return self._answer(503, {"error": "stand-in: injected fault"})
        text = json.loads(content)
        StandIn.taken.setdefault(text["key"], text)
        return self._answer(202, {"stand_in": True})

    def do_GET(self) -> None:  # noqa: N802
        self._answer(200, {"what": "stand-in, not an SMS gateway", "taken": list(self.taken.values())})

    def _answer(self, status: int, content: dict[str, object]) -> None:
        data = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Texts and numbers are not logged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fail-every", type=int, default=0)
    options = parser.parse_args()
    StandIn.fail_every = options.fail_every
    server = ThreadingHTTPServer(("127.0.0.1", options.port), StandIn)
    print(f"stand-in SMS gateway on port {options.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
