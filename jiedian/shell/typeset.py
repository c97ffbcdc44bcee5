"""The only door to typst: a template and data in, a PDF out. Data travels as JSON and is never spliced into markup."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "typst"


@cache
def _fonts() -> Any:
    """The fonts, read once: reading them is nine tenths of a short letter's time."""
    import pylopdf_fonts_zh_cn
    import typst

    package = Path(pylopdf_fonts_zh_cn.__file__).parent
    folders = sorted({str(path.parent) for path in package.rglob("*.[ot]tf")})
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template; ``lang`` in the data chooses the language. Bytes differ from run to run: keep what was shown."""
    import typst

    out = typst.compile(
        str(FOLDER / f"{template}.typ"),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        font_paths=_fonts(),
    )
    assert isinstance(out, bytes)
    return out
