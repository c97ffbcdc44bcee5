"""Letters are read in a job, shown beside their picture, and enter when a person has confirmed them."""

from io import BytesIO
from typing import Any

import pytest

from jiedian.core.findings import Refused
from jiedian.voice.channels import ocr
from jiedian.voice.channels.services.scans import Transcript, confirm_scan, dismiss_scan, read_scan, take_scan
from jiedian.voice.inbox.calc.contacts import case_numbers, phones
from jiedian.voice.inbox.models.tellings import Scan, Telling
from tests.cast import CUSTOMER, lodge, moment, staff
from tests.voice.channels.letters import letter

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


def take(content: bytes, name: str = "来信.pdf") -> Scan:
    return take_scan(BytesIO(content), name=name, channel="letter", actor=CUSTOMER, at=AT)


@pytest.mark.parametrize(("kind", "name", "turned"), [("PDF", "a.pdf", 0), ("TIFF", "a.tif", 90)])
def test_a_letter_is_read_upright_whatever_it_came_as(kind: str, name: str, turned: int) -> None:
    scan = take(letter("C-2025-000123", kind=kind, turned_deg=turned), name)
    read_scan(scan.pk, at=AT)
    scan.refresh_from_db()
    assert scan.state == "read" and len(scan.pages) == 1 and (scan.confidence or 0) > 0.8
    assert phones(scan.text) == ["13812345678"] and case_numbers(scan.text) == ["C-2025-000123"]
    assert "什么时候能来勘查" in scan.text and "增容申请" in scan.text
    assert not Telling.objects.exists(), "nothing enters unread"


def test_a_person_confirms_and_the_original_stays(client: Any) -> None:
    case = lodge("LV0")
    scan = take(letter(case.number))
    Scan.objects.filter(pk=scan.pk).update(state="read")
    scan.text = f"什么时候来勘查，编号 {case.number}"
    scan.save(update_fields=["text"])
    client.force_login(staff("clerk"))
    page = client.get(f"/voice/scans/{scan.pk}/")
    assert page.context["form"]["case_number"].value() == case.number
    data = {
        "text": "冷库等着用电，什么时候来勘查",
        "phone": "13812345678",
        "name": "王小明",
        "case_number": case.number,
    }
    client.post(f"/voice/scans/{scan.pk}/", data)
    telling = Telling.objects.get()
    assert telling.channel == "letter" and telling.concern.case == case
    assert telling.attachments.get().upload.sha256 == scan.upload.sha256
    with pytest.raises(Refused):
        confirm_scan(scan, Transcript(**data), actor=CUSTOMER, at=AT)


def test_the_same_file_is_taken_in_once_unless_it_was_dismissed() -> None:
    content = letter("C-2025-000124")
    scan = take(content)
    with pytest.raises(Refused):
        take(content)
    dismiss_scan(scan, actor=CUSTOMER)
    assert take(content).pk != scan.pk


@pytest.mark.parametrize("content", [b"%PDF-1.4\nnothing", b"%PDF-", b"%PDF-1.7" + b"\x00" * 5000])
def test_what_cannot_be_read_waits_for_a_person_with_the_reason(content: bytes) -> None:
    scan = take(content)
    read_scan(scan.pk, at=AT)
    scan.refresh_from_db()
    assert scan.state == "failed" and scan.problem
    confirm_scan(scan, Transcript("手工录入"), actor=CUSTOMER, at=AT)
    assert Telling.objects.get().text == "手工录入"


def test_a_picture_that_claims_a_billion_pixels_is_not_opened() -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")
    with pytest.raises(ocr.Unreadable):
        ocr.images(bomb, "image/png")


def test_what_lies_behind_the_tenth_page_is_said(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    pages = [Image.new("RGB", (60, 60), (n, n, n)) for n in range(12)]
    held = BytesIO()
    pages[0].save(held, "TIFF", save_all=True, append_images=pages[1:])
    monkeypatch.setattr(ocr, "_read", lambda image: ocr.Page(b"\x89PNG\r\n\x1a\n", ("x",), 0.9, 0))
    scan = take(held.getvalue(), "长信.tif")
    read_scan(scan.pk, at=AT)
    scan.refresh_from_db()
    assert scan.state == "read" and len(scan.pages) == 10
    client.force_login(staff("clerk"))
    assert "只识别了前十页" in client.get(f"/voice/scans/{scan.pk}/").content.decode()


def test_what_was_dismissed_while_it_was_read_stays_dismissed(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = take(letter("C-2025-000125"))

    def slow(content: bytes, media_type: str) -> tuple[list[ocr.Page], bool]:
        dismiss_scan(scan, actor=CUSTOMER)
        return [], False

    monkeypatch.setattr(ocr, "read", slow)
    read_scan(scan.pk, at=AT)
    scan.refresh_from_db()
    assert scan.state == "dismissed"


def test_an_executable_is_no_letter() -> None:
    with pytest.raises(Refused):
        take(b"MZ", "a.exe")
    assert not Scan.objects.exists()
