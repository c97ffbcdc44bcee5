"""Stand-in for a payment port: no money moves. It checks our signature, shows a page to pay on, and pushes signed notices.

Faults it can be told to make, on its page or by ``--fault``: ``late`` (the notice comes after the way back), ``twice`` (two
payments of one order), ``short`` (one yuan too little), ``again`` (the same notice three times), ``silent`` (no notice).
"""

import hashlib
import hmac
import html
import json
import os
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Timer
from urllib.parse import parse_qs, urlparse
from uuid import uuid4

from ..fake import Fake, arguments, serve

FAULTS = ("", "late", "twice", "short", "again", "silent")
WORDS = {
    "": "付款 Pay",
    "late": "付款，通知迟到 Pay, notice late",
    "twice": "付两次 Pay twice",
    "short": "少付一元 Pay one yuan less",
    "again": "付款，通知重复 Pay, notice three times",
    "silent": "付款，不发通知 Pay, no notice",
}
PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>替身收银台 Stand-in cashier</title>
<body style="font-family:sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem">
<p style="background:#fff4d6;padding:.6rem">替身收银台，不会真的付款。Stand-in cashier: no money moves.</p>
<h1>¥ {amount}</h1><p>{order}</p>{forms}</body></html>"""
FORM = '<form method="post"><p><button name="fault" value="{fault}" style="padding:.6rem 1rem">{words}</button></p></form>'


class StandIn(Fake):
    """POST /orders takes an order; GET /pay shows it; POST /pay pays it; GET / lists orders and payments."""

    orders: dict[str, dict[str, str]] = {}
    paid: list[dict[str, str]] = []
    secret = os.environ.get("JIEDIAN_PAYMENT_SECRET", "")
    fault = ""
    late_s = 20.0

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        content = self.content(20_000)
        if self.path == "/orders":
            if not hmac.compare_digest(
                self.sign(content).encode(), self.headers.get("X-Signature", "").encode()
            ):
                return self.answer(401, {"error": "signature"})
            order = json.loads(content)
            StandIn.orders.setdefault(order["order"], order)
            return self.answer(202, {"stand_in": True})
        bill = self.signed_bill()
        if bill is None:
            return self.answer(401, {"error": "signature"})
        chosen = parse_qs(content.decode("utf-8", "replace")).get("fault", [""])[0]
        self.pay(bill, chosen or self.fault)
        self.send_response(303)
        self.send_header("Location", bill["back"])
        self.end_headers()
        return None

    def do_GET(self) -> None:  # noqa: N802
        if not self.path.startswith("/pay"):
            kept = {"orders": list(self.orders.values()), "paid": self.paid}
            return self.answer(200, {"what": "stand-in, not a payment port: no money moves", **kept})
        bill = self.signed_bill()
        if bill is None:
            return self.answer(401, {"error": "signature"})
        forms = "".join(FORM.format(fault=fault, words=WORDS[fault]) for fault in FAULTS)
        told = {key: html.escape(bill[key]) for key in ("amount", "order")}
        return self.send(200, PAGE.format(forms=forms, **told).encode(), "text/html; charset=utf-8")

    def signed_bill(self) -> dict[str, str] | None:
        """The order in the link, if jiedian signed it."""
        query, _, given = urlparse(self.path).query.rpartition("&sign=")
        if not query or not hmac.compare_digest(self.sign(query.encode()).encode(), given.encode()):
            return None
        return {key: values[0] for key, values in parse_qs(query).items()}

    def pay(self, bill: dict[str, str], fault: str) -> None:
        """Pay an order, with or without a fault."""
        amount = Decimal(bill["amount"]) - (1 if fault == "short" else 0)
        for _ in range(2 if fault == "twice" else 1):
            paid_at = datetime.now(UTC) - timedelta(seconds=1)
            told = {"order": bill["order"], "transaction": uuid4().hex, "amount_cny": f"{amount:.2f}"}
            told["paid_at"] = paid_at.isoformat()
            StandIn.paid.append(told)
            if fault == "late":
                Timer(self.late_s, self.push, [told]).start()
            elif fault != "silent":
                for _again in range(3 if fault == "again" else 1):
                    self.push(told)

    def push(self, told: dict[str, str]) -> None:
        """Push a signed notice; what is not taken is tried twice more, as real ports do for days."""
        content = json.dumps(told).encode()
        headers = {"Content-Type": "application/json", "X-Signature": self.sign(content)}
        for wait_s in (0, 1, 3):
            time.sleep(wait_s)
            request = urllib.request.Request(f"{self.target}/payments/notice/", data=content, headers=headers)  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=10):  # noqa: S310
                    return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                continue

    def sign(self, content: bytes) -> str:
        return hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--fault", choices=FAULTS, default="")
    parser.add_argument("--late-s", type=float, default=20.0)
    options = parser.parse_args()
    StandIn.fault, StandIn.late_s = options.fault, options.late_s
    serve(StandIn, "payment port", options)


if __name__ == "__main__":
    main()
