"""Stand-in for an SMS gateway: checks the signature, drops repeats by key, shows what it took, fails on purpose."""

import hashlib
import hmac
import json
import os

from ..fake import Fake, arguments, serve


class StandIn(Fake):
    """POST takes a text; GET lists the texts taken, newest last."""

    taken: dict[str, dict[str, str]] = {}
    fail_every = 0
    count = 0
    secret = os.environ.get("JIEDIAN_SMS_SECRET", "")

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        content = self.content(10_000)
        right = hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), self.headers.get("X-Signature", "").encode()):
            return self.answer(401, {"error": "signature"})
        StandIn.count += 1
        if self.fail_every and StandIn.count % self.fail_every == 0:
            return self.answer(503, {"error": "stand-in: injected fault"})
        text = json.loads(content)
        StandIn.taken.setdefault(text["key"], text)
        return self.answer(202, {"stand_in": True})

    def do_GET(self) -> None:  # noqa: N802
        self.answer(200, {"what": "stand-in, not an SMS gateway", "taken": list(self.taken.values())})


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--fail-every", type=int, default=0)
    options = parser.parse_args()
    StandIn.fail_every = options.fail_every
    serve(StandIn, "SMS gateway", options)


if __name__ == "__main__":
    main()
