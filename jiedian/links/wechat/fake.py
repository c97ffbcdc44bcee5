"""Stand-in for WeChat: hands out tokens, takes customer-service messages, and lets made-up followers write.

``POST /say`` with {"openid", "text"} calls jiedian's callback (--target) in the sealed mode, as WeChat does, and
returns the passive answer opened. It shares no code with the adapter. Configured by the same JIEDIAN_WECHAT_* names.
"""

import base64
import hashlib
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ..fake import Fake, arguments, serve

TOKEN = os.environ.get("JIEDIAN_WECHAT_TOKEN", "")
APP_ID = os.environ.get("JIEDIAN_WECHAT_APP_ID", "")
CITY = re.compile(r"o-\d{6}")
"""Followers of the made-up city, who wrote before this stand-in was started. Any other must have written."""
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def key() -> bytes:
    return base64.b64decode(os.environ.get("JIEDIAN_WECHAT_AES_KEY", "") + "=")


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324


def sealed(text: str) -> str:
    data = text.encode()
    whole = os.urandom(16) + len(data).to_bytes(4, "big") + data + APP_ID.encode()
    whole += bytes([32 - len(whole) % 32]) * (32 - len(whole) % 32)
    work = Cipher(algorithms.AES(key()), modes.CBC(key()[:16])).encryptor()
    return base64.b64encode(work.update(whole) + work.finalize()).decode()


def opened(text: str) -> str:
    work = Cipher(algorithms.AES(key()), modes.CBC(key()[:16])).decryptor()
    whole = work.update(base64.b64decode(text)) + work.finalize()
    return whole[20 : 20 + int.from_bytes(whole[16:20], "big")].decode()


def between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


class StandIn(Fake):
    """The few interfaces an account needs; GET / lists the messages taken."""

    taken: list[dict[str, str]] = []
    followers: set[str] = set()
    token, count = "", 0

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path == "/cgi-bin/token":
            StandIn.token = hashlib.sha256(os.urandom(16)).hexdigest()
            return self.answer(200, {"access_token": self.token, "expires_in": 7200})
        if url.path == "/cgi-bin/media/get":
            if query.get("access_token") != [self.token]:
                return self.answer(200, {"errcode": 40001, "errmsg": "stand-in: invalid credential"})
            if query.get("media_id") == ["gone"]:
                return self.answer(200, {"errcode": 40007, "errmsg": "stand-in: invalid media_id"})
            return self.send(200, PICTURE, "image/png")
        return self.answer(200, {"what": "stand-in, not WeChat", "taken": self.taken})

    def do_POST(self) -> None:  # noqa: N802
        content = self.content(100_000)
        url = urllib.parse.urlsplit(self.path)
        told = json.loads(content)
        if url.path == "/say":
            return self.answer(200, self._call(told))
        if urllib.parse.parse_qs(url.query).get("access_token") != [self.token]:
            return self.answer(200, {"errcode": 40001, "errmsg": "stand-in: invalid credential"})
        if told["touser"] not in self.followers and not CITY.fullmatch(told["touser"]):
            return self.answer(200, {"errcode": 40003, "errmsg": "stand-in: invalid openid"})
        if len(told["text"]["content"].encode()) > 2048:
            return self.answer(200, {"errcode": 45002, "errmsg": "stand-in: content size out of limit"})
        StandIn.taken.append({"to": told["touser"], "text": told["text"]["content"]})
        return self.answer(200, {"errcode": 0, "errmsg": "ok"})

    def _call(self, told: dict[str, str]) -> dict[str, object]:
        """Write to the account as a follower, once; the same ``id`` again is WeChat's second try."""
        StandIn.count += 1
        self.followers.add(told["openid"])
        stamp = str(int(time.time()))
        kind = "image" if told.get("media_id") else "text"
        inner = (
            f"<xml><ToUserName>gh_standin</ToUserName><FromUserName>{escape(told['openid'])}</FromUserName>"
            f"<CreateTime>{stamp}</CreateTime><MsgType>{kind}</MsgType><Content>{escape(told.get('text', ''))}</Content>"
            f"<MediaId>{escape(told.get('media_id', ''))}</MediaId>"
            f"<MsgId>{told.get('id') or stamp + str(StandIn.count)}</MsgId></xml>"
        )
        body = sealed(inner)
        query = {
            "timestamp": stamp,
            "nonce": "standin",
            "signature": sha1(TOKEN, stamp, "standin"),
            "encrypt_type": "aes",
            "msg_signature": sha1(TOKEN, stamp, "standin", body),
        }
        outer = f"<xml><ToUserName>gh_standin</ToUserName><Encrypt>{body}</Encrypt></xml>".encode()
        url = f"{self.target}/hooks/wechat/callback/?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=outer), timeout=5) as answer:  # noqa: S310
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            return {"status": error.code}
        sealed_answer = between(text, "Encrypt")
        stamp, nonce = between(text, "TimeStamp"), between(text, "Nonce")
        right = (
            sha1(TOKEN, stamp, nonce, sealed_answer) == between(text, "MsgSignature")
            if sealed_answer
            else False
        )
        content = between(opened(sealed_answer), "Content") if right else ""
        return {"status": 200, "is_signed": right, "answer": content}


def main() -> None:
    serve(StandIn, "WeChat", arguments(__doc__).parse_args())


if __name__ == "__main__":
    main()
