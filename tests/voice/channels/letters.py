"""A letter as a post room scans it: set, rendered, turned, saved as PDF, TIFF or JPEG."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

TEXT = (
    "供电公司：",
    "我是柳泉路生鲜超市的负责人，九月提交了增容申请，",
    "申请编号 {number}，到今天还没有人来勘查，冷库等着用电。",
    "请问增容申请什么时候能来勘查？盼早日答复。",
    "联系电话 13812345678",
    "柳泉路生鲜超市 王小明",
)


@cache
def _font(size: int) -> Any:
    import pylopdf_fonts_zh_cn
    from PIL import ImageFont

    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    path = next(p for p in sorted(folder.rglob("*.[ot]tf")) if "Sans" in p.name)
    return ImageFont.truetype(str(path), size)


def letter(number: str, *, kind: str = "PDF", turned_deg: int = 0) -> bytes:
    """The scan of a letter that names a case; PDF and TIFF are a page, as a scanner makes them."""
    from PIL import Image, ImageDraw

    page = Image.new("RGB", (1240, 1754), "#fbfaf5")
    pen = ImageDraw.Draw(page)
    for n, line in enumerate(TEXT):
        pen.text((110, 160 + 90 * n), line.format(number=number), font=_font(36), fill="#22252b")
    page = page.rotate(turned_deg, expand=True, fillcolor="#fbfaf5")
    out = BytesIO()
    page.save(out, kind, resolution=150)
    return out.getvalue()
