"""Looks at the WeChat account without sending anything."""

from django.conf import settings

from jiedian.core.findings import Finding

from .client import token


def check() -> list[Finding]:
    """Findings on settings or connection; empty when followers can be answered."""
    wanted = {
        "JIEDIAN_WECHAT_URL": settings.WECHAT_URL,
        "JIEDIAN_WECHAT_APP_ID": settings.WECHAT_APP_ID,
        "JIEDIAN_WECHAT_TOKEN": settings.WECHAT_TOKEN,
        "JIEDIAN_WECHAT_AES_KEY": settings.WECHAT_AES_KEY,
    }
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        names = ", ".join(missing)
        return [Finding("wechat.settings", names=names)]
    try:
        token(fresh=True)
    except OSError as error:
        return [Finding("wechat.connection", error=error)]
    return []
