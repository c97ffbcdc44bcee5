"""Whatever a mail holds, it is read or left out; it never breaks the reader, and nothing enters a header."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jiedian.links.mail.mapping import key_of, message, read


def mail(body: str = "什么时候通电？", **headers: str) -> bytes:
    held = EmailMessage()
    for name, value in {
        "From": "王 <wang@example.invalid>",
        "Subject": "问",
        "Message-ID": "<1@x>",
        **headers,
    }.items():
        held[name.replace("_", "-")] = value
    held.set_content(body)
    return held.as_bytes()


def test_an_ordinary_mail() -> None:
    letter = read(mail())
    assert (letter.sender, letter.sender_name, letter.subject) == ("wang@example.invalid", "王", "问")
    assert letter.text == "什么时候通电？" and not letter.loop


def test_a_sender_keeps_his_letters_and_his_domain_is_folded() -> None:
    assert read(mail(From="Wang <Li.Wang@Example.INVALID>")).sender == "Li.Wang@example.invalid"


@pytest.mark.parametrize(
    ("charset", "encoded"),
    [
        ("gb2312", "停电了怎么办".encode("gb18030")),
        ("x-unknown-9", "停电了怎么办".encode("gb18030")),
        ("utf-8", "停电了怎么办".encode("gb18030")),
        ("us-ascii", "停电了怎么办".encode()),
    ],
)
def test_a_charset_that_lies_is_guessed(charset: str, encoded: bytes) -> None:
    raw = (
        b"From: a@b.invalid\r\nContent-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + encoded
    )
    assert read(raw).text == "停电了怎么办"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.invalid\r\nSubject: =?utf-8?b?a?=\r\n\r\nx",
        b"From: =?utf-8?b?a?= <a@b.invalid>\r\nSubject: x\r\n\r\nx",
        b"From: a@b.invalid\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800 x",
        b"From: a@b.invalid\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+2AA- x",
        b'From: a@b.invalid\r\nContent-Type: image/png; name="=?utf-8?b?a?="\r\n\r\nx',
    ],
)
def test_a_broken_word_or_half_a_letter_is_no_reason_to_leave_a_mail_in_the_box(raw: bytes) -> None:
    letter = read(raw)
    assert letter.sender == "a@b.invalid"
    assert f"{letter.sender_name}{letter.subject}{letter.text}{[n for n, _ in letter.files]}".encode()


def test_the_words_of_a_page_without_its_scripts() -> None:
    html = "<style>p{}</style><p>电压&nbsp;低</p><script>alert(1)</script><div>请处理</div>"
    raw = b"From: a@b.invalid\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()
    assert read(raw).text.split() == ["电压", "低", "请处理"]


def test_a_thousand_parts_inside_each_other_and_a_million_beside_each_other_are_cut_off() -> None:
    deep = b"From: a@b.invalid\r\nSubject: deep\r\n"
    for n in range(1500):
        deep += f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode()
    wide = b"From: a@b.invalid\r\nSubject: wide\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    wide += b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 20_000
    begun = time.process_time()
    assert read(deep).subject == "deep" and read(wide).subject == "wide"
    assert time.process_time() - begun < 8


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Auto_Submitted", "auto-replied", "automatic"),
        ("Precedence", "bulk", "bulk"),
        ("List_Id", "<news.example.invalid>", "bulk"),
        ("X_Loop", "service@jiedian.invalid", "own"),
        ("X_Jiedian_Loop", "service@jiedian.invalid", "own"),
        ("Return_Path", "<>", "bounce"),
        ("From", "service@jiedian.invalid", "own"),
    ],
)
def test_a_machine_s_mail_is_no_customer_s(name: str, value: str, reason: str) -> None:
    assert read(mail(**{name: value})).loop == reason


def test_our_own_answer_is_known_as_our_own() -> None:
    ours = message(
        to="a@b.invalid", text="答复", key="reply:1:2", meta={"subject": "Re: 问", "in_reply_to": "<1@x>"}
    )
    assert read(ours.as_bytes()).loop == "own" and key_of(str(ours["Message-ID"])) == "reply:1:2"
    assert ours["Auto-Submitted"] is None, "a person wrote it"
    notice = message(to="a@b.invalid", text="已送电", key="k", meta={})
    assert notice["Auto-Submitted"] == "auto-generated"


def test_line_breaks_cannot_enter_a_header() -> None:
    raw = b"From: a@b.invalid\r\nSubject: =?utf-8?B?5L2g5aW9DQpCY2M6IHhAeS56?=\r\n\r\nx"
    letter = read(raw)
    assert letter.subject == "你好 Bcc: x@y.z"
    bad = {"subject": "a\r\nBcc: x@y.z", "in_reply_to": "<a@b>\r\nBcc: x@y.z"}
    sent = message(to="a@b.invalid\r\nBcc: x@y.z", text="x", key="k", meta=bad)
    assert sent["Bcc"] is None and b"\nBcc:" not in sent.as_bytes()


def test_the_same_mail_by_two_routes_has_one_digest_and_a_borrowed_id_another() -> None:
    one, two = mail(), b"Received: from elsewhere\r\n" + mail()
    assert read(one).digest == read(two).digest != read(mail("别的事")).digest


def test_files_come_out_with_their_names() -> None:
    held = EmailMessage()
    held["From"] = "a@b.invalid"
    held.set_content("见附件")
    held.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="申请.pdf")
    letter = read(held.as_bytes())
    assert letter.files == (("申请.pdf", b"%PDF-1.4"),) and letter.text == "见附件"


@given(st.text(alphabet="<>![]-?/&#;=\"' aCDTif", max_size=60))
@example("<![foo[ x ]]>")
@example("<![if !mso]>")
def test_no_page_breaks_the_reader_or_hides_the_words_before_it(odd: str) -> None:
    head = "From: a@b.invalid\nContent-Type: text/html; charset=utf-8\n\n"
    assert read(f"{head}<p>DIANYA</p>{odd}".encode()).text.startswith("DIANYA")


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    read(raw)
    read(b'From: a@b.invalid\r\nContent-Type: multipart/mixed; boundary="' + raw[:40] + b'"\r\n\r\n' + raw)


@given(st.text(max_size=200), st.text(max_size=80))
def test_no_header_breaks_the_reader(subject: str, sender: str) -> None:
    head = f"From: {sender}\r\nSubject: {subject}\r\nDate: {subject}\r\nMessage-ID: {sender}\r\n\r\nx"
    letter = read(head.encode("utf-8", "surrogatepass"))
    assert "\n" not in letter.subject and "\x00" not in letter.subject
