"""WeChat's wire: signature and sealing against the published sample, hostile XML refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedian.core.findings import Refused
from jiedian.links.wechat.mapping import (
    answer,
    follower_message,
    is_signed,
    parse,
    pieces,
    seal,
    signature,
    unseal,
)
from tests.outside import WECHAT

KEY, APP = WECHAT["WECHAT_AES_KEY"], WECHAT["WECHAT_APP_ID"]
SAMPLE = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
"""From the sample of Tencent's published message encryption (verify-URL example); token and key beside it."""


def test_the_published_sample_opens() -> None:
    assert (
        signature("QDG6eK", "1409659589", "263014780", SAMPLE) == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    )
    key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    assert unseal(SAMPLE, key=key, app_id="wx5823bf96d3bd56c7") == b"1616140317555161061"


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_for_this_account_alone(content: bytes) -> None:
    sealed = seal(content, key=KEY, app_id=APP)
    assert unseal(sealed, key=KEY, app_id=APP) == content
    with pytest.raises(Refused):
        unseal(sealed, key=KEY, app_id="another")


@given(st.text(max_size=300))
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(Refused):
        unseal(sealed, key=KEY, app_id=APP)


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l "l">]><xml/>',
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>'.encode("utf-16"),
        b"<xml>" + b"x" * 70_000 + b"</xml>",
        b"not xml",
        b"",
    ],
)
def test_hostile_xml_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        parse(content)


def test_a_message_and_its_answer() -> None:
    raw = (
        "<xml><ToUserName>gh_1</ToUserName><FromUserName>o-1</FromUserName><CreateTime>1348831860</CreateTime>"
        "<MsgType>text</MsgType><Content><![CDATA[停电了 <怎么办>]]></Content><MsgId>1234567890123456</MsgId></xml>"
    )
    message = follower_message(parse(raw.encode()))
    assert (message.openid, message.text, message.message_id) == (
        "o-1",
        "停电了 <怎么办>",
        "1234567890123456",
    )
    back = parse(answer(message, "收到 <&>", at_s=1))
    assert back["ToUserName"] == "o-1" and back["Content"] == "收到 <&>"


def test_without_a_token_nothing_is_signed() -> None:
    assert not is_signed(signature("", "1", "2"), "", "1", "2")


@given(st.text(alphabet="电a\n😀", min_size=1, max_size=3000))
def test_a_long_text_goes_in_parts_and_none_of_it_is_lost(text: str) -> None:
    parts = pieces(text)
    assert "".join(parts) == text and all(0 < len(part.encode()) <= 2048 for part in parts)
