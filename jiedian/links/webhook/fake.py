"""Stand-in for platforms behind the signed webhook: checks our signature, drops repeats by key, shows what it took.

``POST /say`` with {"channel", "from", "text"} makes one of its made-up users write to jiedian (--target), signed.
"""

import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request
import uuid

from ..fake import Fake, arguments, serve


class StandIn(Fake):
    """POST / takes an answer; POST /say pushes; GET lists the answers taken."""

    taken: dict[str, dict[str, str]] = {}
    secrets: dict[str, str] = {}

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        content = self.content(1_000_000)
        if self.path == "/say":
            return self.answer(*self._push(json.loads(content)))
        begin = ".".join(self.headers.get(f"X-Jiedian-{name}", "") for name in ("Id", "Timestamp"))
        message = json.loads(content)
        secret = self.secrets.get(message.get("platform", ""), "")
        right = hmac.new(secret.encode(), f"{begin}.".encode() + content, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), self.headers.get("X-Jiedian-Signature", "").encode()):
            return self.answer(401, {"error": "signature"})
        StandIn.taken.setdefault(message["key"], message)
        return self.answer(202, {"stand_in": True})

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
        self.answer(200, {"what": "stand-in for QQ and Weibo", "taken": list(self.taken.values())})


def main() -> None:
    pairs = (pair.partition("=") for pair in os.environ.get("JIEDIAN_HOOK_SECRETS", "").split(",") if pair)
    StandIn.secrets = {name: secret for name, _, secret in pairs}
    serve(StandIn, "platforms", arguments(__doc__).parse_args())


if __name__ == "__main__":
    main()
