"""The world outside in the demo: the mailbox, the stand-ins of every gateway, and the keys they share with jiedian."""

import base64
import hashlib
import hmac
import sys
from collections.abc import Callable
from pathlib import Path

from tools.launch import dovecot, postgres

HOOKS = ("sms", "qq", "weibo")


def environment(run: Path, free_port: Callable[[int], int]) -> dict[str, str]:
    """Environment of jiedian and the stand-ins: what they know of each other; keys follow from the run folder's own secret."""

    def key(name: str) -> bytes:
        return hmac.new(
            postgres.secret_values(run)["secret_key"].encode(), name.encode(), hashlib.sha256
        ).digest()

    hooks = f"127.0.0.1:{free_port(0)}"
    env = {
        "JIEDIAN_MAIL_URL": f"smtp://127.0.0.1:{free_port(0)}",
        "JIEDIAN_SMS_URL": f"http://127.0.0.1:{free_port(0)}/",
        "JIEDIAN_PAYMENT_URL": f"http://127.0.0.1:{free_port(0)}/",
        "JIEDIAN_PAYMENT_SECRET": key("payment").hex(),
        "JIEDIAN_WECHAT_URL": f"http://127.0.0.1:{free_port(0)}",
        "JIEDIAN_WECHAT_APP_ID": f"wx{key('wechat app').hex()[:16]}",
        "JIEDIAN_WECHAT_SECRET": key("wechat secret").hex(),
        "JIEDIAN_WECHAT_TOKEN": key("wechat token").hex()[:24],
        "JIEDIAN_WECHAT_AES_KEY": base64.b64encode(key("wechat aes")).decode().rstrip("="),
        "JIEDIAN_HOOK_SECRETS": ",".join(f"{name}={key(f'hook {name}').hex()}" for name in HOOKS),
        "JIEDIAN_HOOK_URLS": ",".join(f"{name}=http://{hooks}/" for name in HOOKS if name != "sms"),
        "JIEDIAN_WEBHOOK_URL": f"http://{hooks}/",
        "JIEDIAN_APP_TOKENS": f"wangshang={key('app').hex()}",
    }
    if dovecot.program():
        env["JIEDIAN_MAILBOX_URL"] = dovecot.prepare(run / "dovecot", free_port(0)).url
    return env


def commands(env: dict[str, str], run: Path, port: int) -> dict[str, list[str]]:
    """The command of each stand-in; ``port`` is where jiedian's pages answer."""
    target = f"http://127.0.0.1:{port}"
    found = {
        "mail": _stand_in(env, "mail", "--mailbox", "service@jiedian.invalid"),
        "sms": _stand_in(env, "sms"),
        "payment": _stand_in(env, "payment", "--target", target),
        "wechat": _stand_in(env, "wechat", "--target", target),
        "webhook": _stand_in(env, "webhook", "--target", target),
    }
    if "JIEDIAN_MAILBOX_URL" in env:
        found["mail"] += ["--maildir", str(run / "dovecot" / "mail")]
        found["dovecot"] = dovecot.command(run / "dovecot")
    return found


def _stand_in(env: dict[str, str], name: str, *words: str) -> list[str]:
    port = env[f"JIEDIAN_{name.upper()}_URL"].rstrip("/").rsplit(":", 1)[1]
    return [sys.executable, "-m", f"jiedian.links.{name}.fake", "--port", port, *words]
