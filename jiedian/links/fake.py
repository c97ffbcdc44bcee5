"""Base of the stand-ins: a small server that speaks JSON, listens on this machine alone and logs no texts."""

import argparse
import json
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Fake(BaseHTTPRequestHandler):
    """A stand-in's door. ``target`` is where jiedian answers."""

    target = ""

    def content(self, ceiling: int) -> bytes:
        """Content that was posted, up to so many bytes."""
        return self.rfile.read(min(int(self.headers.get("Content-Length", 0)), ceiling))

    def answer(self, status: int, content: Mapping[str, object]) -> None:
        self.send(status, json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8")

    def send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Texts, numbers and accounts are not logged."""


def write(url: str, said: dict[str, str]) -> None:
    """One of the demo's people writes, by the stand-in listening at ``url``. Raises OSError."""
    data = json.dumps(said).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/say", data=data)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that every stand-in has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", default="", help="where jiedian answers, e.g. http://127.0.0.1:8000")
    return parser


def serve(door: type[Fake], name: str, options: argparse.Namespace) -> None:
    """Listen until stopped."""
    door.target = options.target.rstrip("/")
    server = ThreadingHTTPServer(("127.0.0.1", options.port), door)
    print(f"stand-in {name} on port {options.port}", flush=True)
    server.serve_forever()
