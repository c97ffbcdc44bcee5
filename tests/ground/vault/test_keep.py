"""A file is kept whole or not at all, is what its name says, and goes with its last row."""

from io import BytesIO
from typing import Any

import pytest

from jiedian.core.findings import Refused
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import (
    ANYTHING,
    CHUNK_BYTES,
    TABLES,
    Label,
    blind_index,
    forget,
    path_of,
    store,
    store_bytes,
    too_large,
)
from tests.cast import moment

pytestmark = pytest.mark.django_db
AT = moment("2025-09-15 09:00")
PDF = b"%PDF-1.7\n" + b"x" * (2 * CHUNK_BYTES + 7)


def kept(content: bytes = PDF, name: str = "notice.pdf", **more: object) -> Upload:
    return store(BytesIO(content), Label(name, "case:1", "paper"), at=AT, **more)  # type: ignore[arg-type]


def test_what_was_kept_lies_under_its_hash_whole() -> None:
    upload = kept(name="../../etc/notice.pdf")
    path = path_of(upload.sha256)
    assert path.read_bytes() == PDF and upload.size_bytes == len(PDF)
    assert (upload.name, upload.media_type, upload.created_at) == ("notice.pdf", "application/pdf", AT)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "name", "more", "code"),
    [
        (b"MZ\x90", "notice.pdf", {}, "upload.kind"),
        (PDF, "notice.png", {}, "upload.kind"),
        (b"", "notice.pdf", {}, "upload.kind"),
        (PDF, "notice.pdf", {"ceiling_bytes": CHUNK_BYTES}, "upload.size"),
        (b"%PDF-", "table.pdf", {"kinds": TABLES}, "upload.table"),
    ],
)
def test_what_is_refused_leaves_nothing(
    content: bytes, name: str, more: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        kept(content, name, **more)
    assert refused.value.findings[0].code == code
    assert not Upload.objects.exists()
    assert [p for p in path_of("00").parent.parent.rglob("*") if p.is_file()] == []


def test_anything_is_kept_where_its_reader_judges() -> None:
    assert kept(b"\x00\x01", "grid.bin", kinds=ANYTHING).media_type == "application/octet-stream"


def test_the_ceiling_is_said_in_megabytes() -> None:
    error = too_large(3 << 20)
    assert isinstance(error, Refused) and "3 MB" in error.words("en")[0]


@pytest.mark.django_db(transaction=True)
def test_bytes_go_with_their_last_row() -> None:
    first = store_bytes(PDF, name="a.pdf", subject="case:1", at=AT, purpose="notice")
    second = store_bytes(PDF, name="b.pdf", subject="case:2", at=AT, purpose="notice")
    path = path_of(first.sha256)
    forget(first)
    assert path.exists()
    forget(second)
    assert not path.exists()


def test_a_closed_value_is_found_again_by_its_hash(settings: Any) -> None:
    ours = blind_index(" 91370303ma3c00000x ")
    assert ours == blind_index("91370303MA3C00000X") != blind_index("91370303MA3C000001")
    settings.SECRET_KEY = "another"  # noqa: S105
    assert blind_index("91370303MA3C00000X") != ours
