"""The parts of a page. Loaded into every template; docs/howto/build-a-page.md shows each with an example, and so does /ui/."""

from itertools import count
from typing import Any
from zlib import crc32

from django import template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from jiedian.ground.rulebook.queries import SHORT, STANDINGS

from ..kit import drawings, table
from ..kit.basis import basis_of, grade_of
from ..kit.clock import clock_words
from ..kit.fields import described, field_view, may_be_empty, rows_for
from ..kit.looks import look_of
from ..kit.names import name_of
from ..kit.roads import address, has_view, is_open
from ..tables import PASSING, kept_query

register = template.Library()
register.tag("table", table.table)
register.tag("column", table.column)
register.tag("columns", table.columns)
register.tag("group", table.group)


def _id(context: Any, prefix: str) -> str:
    """An id no other part of this answer has; a fragment that is put into a page takes its address along."""
    request = context.get("request")
    if request is None:
        return f"{prefix}-{next(_NUMBERS)}"
    numbers = request.__dict__.setdefault("kit_numbers", count(1))
    mark = f"{crc32(request.path.encode())}-" if request.headers.get("HX-Request") else ""
    return f"{prefix}-{mark}{next(numbers)}"


_NUMBERS = count(1)


@register.simple_block_tag
def part(content: SafeString) -> SafeString:
    """Markup under a name: ``{% part as lead %}…{% endpart %}``, to hand it to another part."""
    return _trimmed(content)


@register.simple_block_tag
def page_head(
    content: SafeString, title: str, lead: str = "", eyebrow: str = "", crumbs: str = ""
) -> SafeString:
    """Head of a page: where we are and what matters now; the content are the page's own buttons."""
    told = {"title": title, "lead": lead, "eyebrow": eyebrow, "crumbs": crumbs, "content": _trimmed(content)}
    return render_to_string("kit/page_head.html", told)


@register.simple_block_tag
def card(
    content: SafeString, title: str = "", kind: str = "", aside: str = "", sub: str = "", id: str = ""
) -> SafeString:
    """A sheet of paper with a heading; ``kind="flush"`` when its body runs to the edges, or late, warn, wait."""
    told = {"title": title, "kind": kind, "aside": aside, "sub": sub, "id": id, "content": content}
    return render_to_string("kit/card.html", told)


@register.simple_block_tag
def nothing(content: SafeString, title: str = "", kind: str = "") -> SafeString:
    """Notice where there is nothing yet: why, and where the road goes on. ``kind="refusal"`` where one may not."""
    return render_to_string("kit/nothing.html", {"title": title, "kind": kind, "content": content})


@register.simple_block_tag
def fold(content: SafeString, title: str, sub: str = "", is_open: bool = False, id: str = "") -> SafeString:
    """Fold of what most readers may skip; the title is a sentence, so that skipping is safe."""
    told = {"title": title, "sub": sub, "is_open": is_open, "id": id, "content": content}
    return render_to_string("kit/fold.html", told)


@register.simple_block_tag
def note(content: SafeString, state: str = "", title: str = "") -> SafeString:
    """A thing that must be said: late, warn, wait, done, or just good to know."""
    return render_to_string("kit/note.html", {"look": look_of(state), "title": title, "content": content})


@register.simple_tag
def map_key(words: str, look: str, mark: str = "line", n: Any = "") -> SafeString:
    """Key of a mark on a map, ``look`` its class, ``n`` how many there are; ``mark`` is line, patch, hatch, dots, dot, speck,
    square, triangle, diamond or station."""
    return render_to_string("kit/map_key.html", {"words": words, "look": look, "mark": mark, "n": n})


@register.simple_block_tag
def kpis(content: SafeString, label: str = "") -> SafeString:
    """A row of numbers."""
    return format_html('<ul class="kpis" aria-label="{}">{}</ul>', label, content)


@register.simple_tag(takes_context=True)
def kpi(
    context: Any,
    label: str,
    value: Any,
    *args: Any,
    view: str = "",
    query: str = "",
    note: str = "",
    **more: Any,
) -> SafeString:
    """A number that opens to the things behind it (``view``, its arguments, ``query``), if the reader may; ``state``, ``unit``."""
    url = address(view, args, query) if view and (view[:1] in "/?#" or is_open(context, view, *args)) else ""
    told = {"label": label, "value": value, "url": url, "note": note, "unit": more.get("unit", "")}
    return render_to_string("kit/kpi.html", told | {"look": look_of(more.get("state", ""))})


@register.simple_tag
def chip(text: Any, state: Any = "", title: str = "") -> SafeString:
    """A state in a word. Its look comes from the table in shell/kit/looks.py; ``state`` may also be a look."""
    titled = format_html(' title="{}"', title) if title else ""
    look = look_of(state)
    return format_html(
        '<span class="chip{}" data-state="{}"{}>{}</span>', look and f" {look}", state, titled, text
    )


@register.simple_tag
def clock(view: Any, size: str = "") -> SafeString:
    """Clock of a promise: the time left, and what of it is not certain: its rule, or the holidays of its year. ``view`` is a ClockView, or nothing."""
    if view is None:
        return SafeString("")
    look, words = clock_words(view)
    grade = grade_of(view) or view.limit.grade
    told = {
        "look": look,
        "words": words,
        "size": size,
        "doubt": SHORT.get(grade, ""),
        "standing": STANDINGS[grade],
        "is_forecast": getattr(view, "is_forecast", False),
    }
    return _trimmed(render_to_string("kit/clock.html", told))


@register.filter
def name(thing: Any) -> str:
    """The name of a row, person, department, or of one of the staff by the Chinese name that was kept."""
    return name_of(thing)


@register.filter
def at(cells: dict[Any, Any], key: Any) -> Any:
    """Value of a row under the key of a column; nothing where it has none."""
    return cells.get(key)


@register.simple_tag(takes_context=True)
def person_link(context: Any, person: Any, sub: str = "", phone: str = "", face: bool = False) -> SafeString:
    """A person: name, what he is to this matter, how to reach him; a link where there is a page of him to see."""
    pk = getattr(person, "pk", None)
    url = address("person", (pk,)) if pk and has_view("person", pk) and is_open(context, "person") else ""
    told = {"name": name_of(person), "sub": sub, "phone": phone, "face": face, "url": url}
    return _trimmed(render_to_string("kit/person.html", told))


@register.simple_block_tag(takes_context=True)
def link_to(context: Any, content: SafeString, view: str, *args: Any, **kwargs: Any) -> SafeString:
    """A link the reader can follow. Where he may not open the view: nothing, or with ``plain=True`` the bare text.

    ``query`` is added to the address; everything else (class, title, id, …) becomes an attribute.
    """
    query, plain, anchor = kwargs.pop("query", ""), kwargs.pop("plain", False), kwargs.pop("anchor", "")
    if view[:1] not in "/?#" and not is_open(context, view, *args):
        return _trimmed(content) if plain else SafeString("")
    url = address(view, args, query) + (f"#{anchor}" if anchor else "")
    return format_html('<a href="{}"{}>{}</a>', url, _attributes(kwargs), _trimmed(content))


@register.simple_block_tag(takes_context=True)
def press(context: Any, content: SafeString, label: str, view: str, *args: Any, **kwargs: Any) -> SafeString:
    """A button that posts to a view, if the reader may; the content are hidden inputs. ``kind`` is go, quiet, stop, s."""
    if not is_open(context, view, *args):
        return SafeString("")
    told = {"label": label, "url": address(view, args), "content": content, "kind": kwargs.pop("kind", "")}
    told |= {"csrf_token": context.get("csrf_token"), "attributes": _attributes(kwargs)}
    return render_to_string("kit/press.html", told)


@register.simple_block_tag(takes_context=True)
def post_to(context: Any, content: SafeString, view: str, *args: Any, **kwargs: Any) -> SafeString:
    """A form that is sent to a view, if the reader may; with ``plain=True`` its content alone where he may not.

    ``kind`` is its layout (fields, row, stack); ``files=True`` where it carries files; everything else becomes an attribute.
    """
    plain, kind, files = kwargs.pop("plain", False), kwargs.pop("kind", ""), kwargs.pop("files", False)
    if not is_open(context, view, *args):
        return content if plain else SafeString("")
    told = {"url": address(view, args), "content": content, "kind": kind, "files": files}
    told |= {"csrf_token": context.get("csrf_token"), "attributes": _attributes(kwargs)}
    return render_to_string("kit/post_to.html", told)


@register.simple_tag(takes_context=True)
def can_open(context: Any, view: str, *args: Any) -> bool:
    """True if the reader may open a view: ``{% can_open "lodge" as may_lodge %}``."""
    return is_open(context, view, *args)


@register.simple_block_tag
def facts(content: SafeString, kind: str = "") -> SafeString:
    """Names and values; ``kind="across"`` puts values under names, in a row."""
    return format_html('<dl class="facts{}">{}</dl>', kind and f" {kind}", content)


@register.simple_block_tag
def fact(content: SafeString, label: str) -> SafeString:
    """One name and its value; nothing without a value."""
    if not content.strip():
        return SafeString("")
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, _trimmed(content))


@register.simple_tag
def field(bound: BoundField, unit: str = "", kind: str = "", **attrs: Any) -> SafeString:
    """A field of a form: keeps its value, says what is wrong beside it, what helps and what is required."""
    if bound.is_hidden:
        return SafeString(bound)
    extra = {name.replace("_", "-"): value for name, value in attrs.items()}
    return render_to_string(
        "kit/field.html", {"field": field_view(bound, **extra), "unit": unit, "kind": kind}
    )


@register.simple_tag
def fields(form: Any, kind: str = "") -> SafeString:
    """Every field of a form, in order; ``kind="cols"`` side by side where there is room."""
    return render_to_string("kit/fields.html", {"form": form, "kind": kind})


@register.simple_tag
def input(name: str, label: str, value: Any = "", **more: Any) -> SafeString:
    """A field without a form behind it: ``kind`` (text, number, date, search, file, textarea, select, check), ``options``
    of (value, label), ``blank``, ``hint``, ``error``, ``required``, ``unit``; everything else becomes an attribute."""
    known = {
        key: more.pop(key, "")
        for key in ("hint", "error", "required", "blank", "unit", "kind", "checked", "id")
    }
    known["id"] = known["id"] or f"id_{name}"
    options = [(str(key), words, str(key) == str(value)) for key, words in more.pop("options", ())]
    kind = known["kind"] or ("select" if options or known["blank"] else "text")
    told = {"name": name, "label": label, "value": "" if value is None else value, "options": options}
    attrs = described(known["id"], hint=known["hint"], is_wrong=bool(known["error"])) | more
    told |= {"attributes": _attributes(attrs), "rows": rows_for(None, value)}
    return render_to_string("kit/input.html", known | told | {"kind": kind})


@register.simple_block_tag(takes_context=True)
def filters(context: Any, content: SafeString, label: str = "", action: str = "") -> SafeString:
    """Filters of a list; on a phone one button that says how many are set, and a sheet."""
    query = context["request"].GET
    asked = {name for name, value in query.items() if value and name not in (*PASSING, "sort")}
    chosen = asked & may_be_empty(content)
    told = {"id": _id(context, "filters"), "chosen": len(chosen), "label": label, "content": content}
    context["request"].__dict__[table.NARROWED] = bool(asked)
    return render_to_string("kit/filters.html", told | {"action": action, "sort": query.get("sort", "")})


@register.simple_block_tag
def actions(content: SafeString, kind: str = "", note: str = "") -> SafeString:
    """Buttons side by side; ``kind="bar"`` keeps them in reach at the foot of the window, with a remark beside them."""
    return render_to_string("kit/actions.html", {"content": content, "kind": kind, "note": note})


@register.simple_tag(takes_context=True)
def basis(context: Any, rule: Any, label: str = "", title: str = "") -> SafeString:
    """One mark that opens what a claim rests on: clause, document, date and standing, in words. Never a code."""
    if rule is None:
        return SafeString("")
    told = {"id": _id(context, "basis"), "label": label, "basis": basis_of(rule, title or _title(rule))}
    remark = name_of(_Remark(rule)) if hasattr(rule, "note_zh") else ""
    return _trimmed(render_to_string("kit/basis.html", told | {"remark": remark}))


@register.simple_block_tag(takes_context=True)
def dialog(
    context: Any, content: SafeString, label: str, title: str = "", kind: str = "", id: str = ""
) -> SafeString:
    """A button and the sheet it opens; with an ``id`` its address (``#id``) opens it too."""
    told = {"id": id or _id(context, "dialog"), "label": label, "title": title or label, "kind": kind}
    return render_to_string("kit/dialog.html", told | {"content": content})


@register.simple_block_tag
def tabs(content: SafeString, label: str) -> SafeString:
    """Faces of one thing."""
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label, content)


@register.simple_tag(takes_context=True)
def tab(context: Any, label: str, view: str, *args: Any, **more: Any) -> SafeString:
    """One face, if the reader may open it; ``n`` beside its name, ``query``, and ``on`` where the address cannot tell."""
    if view[:1] not in "/?#" and not is_open(context, view, *args):
        return SafeString("")
    url, request = address(view, args, more.get("query", "")), context["request"]
    is_on = more["on"] if "on" in more else url.partition("#")[0] in (request.path, request.get_full_path())
    n = format_html("<b>{}</b>", more["n"]) if "n" in more else ""
    return format_html(
        '<a href="{}"{}>{}{}</a>', url, SafeString(' aria-current="page"' * bool(is_on)), label, n
    )


@register.simple_tag(takes_context=True)
def pager(context: Any, page: Any) -> SafeString:
    """The way through a list in pages; nothing where one page holds it."""
    told = {"page": page, "query": kept_query(context["request"].GET)}
    return render_to_string("kit/pager.html", told)


@register.simple_tag
def findings(form: Any = None, findings: Any = (), title: str = "") -> SafeString:
    """Findings of a refusal: each reason, and for a field a link to it; ``form`` or a list of sentences, or both."""
    told: list[tuple[str, str]] = [("", str(words)) for words in findings or ()]
    if form is not None and form.is_bound:
        told += [("", str(error)) for error in form.non_field_errors()]
        told += [
            (f"#{bound.id_for_label}", f"{bound.label}: {bound.errors[0]}") for bound in form if bound.errors
        ]
    return render_to_string("kit/findings.html", {"findings": told, "title": title})


@register.simple_tag
def steps(at: int, of: int, word: str, saved: str = "") -> SafeString:
    """Steps of a form of few questions, and where one is."""
    told = {"dots": range(1, of + 1), "at": at, "of": of, "word": word, "saved": saved}
    return render_to_string("kit/steps.html", told)


@register.simple_tag
def narrowing(spans: Any, label: str) -> SafeString:
    """Narrowing of the range of a date: Spans (label, low, high, words), the last one holds now."""
    if not spans:
        return SafeString("")
    bars, ticks, height = drawings.narrowing(spans)
    return render_to_string(
        "kit/narrowing.html", {"bars": bars, "ticks": ticks, "height": height, "label": label}
    )


@register.simple_tag
def meter(label: str, words: str, **amounts: float) -> SafeString:
    """Days used: ``ours``, ``over`` the promise, ``yours``, in the order given."""
    told = {"label": label, "words": words, "parts": drawings.meter(list(amounts.items()))}
    return render_to_string("kit/meter.html", told)


class _Remark:
    """The remark of a rule as something that has a name."""

    def __init__(self, rule: Any) -> None:
        self.name_zh, self.name_en = rule.note_zh, rule.note_en


def _title(rule: Any) -> str:
    return name_of(rule) if hasattr(rule, "name_zh") else ""


def _trimmed(content: str) -> SafeString:
    """Markup without the white space around it; trimming a safe string makes an unsafe one."""
    return mark_safe(content.strip())


def _attributes(given: dict[str, Any]) -> SafeString:
    """Attributes of an element; ``data_x`` becomes ``data-x``, True stands alone, nothing is left out."""
    told = SafeString("")
    for key, value in given.items():
        if value is True:
            told += format_html(" {}", key.replace("_", "-"))
        elif value not in (None, False, ""):
            told += format_html(' {}="{}"', key.replace("_", "-"), value)
    return told
