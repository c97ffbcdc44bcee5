"""A table told by its columns: each has its heading and one cell a row, so that a phone can show the heading in every cell."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.template import Context, TemplateSyntaxError
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..tables import kept_query

NARROWED = "kit_narrowed"
"""Where a request keeps that its list is narrowed by filters, until the first table after them is drawn."""
Options = dict[str, FilterExpression]
Cell = tuple["ColumnNode", dict[str, Any], str]
"""A column, what stands in the context beside the row, and its heading in plain text."""


def heading(context: Any, label: str, key: str = "", look: str = "") -> SafeString:
    """A heading; where the list sorts by ``key`` it is a link, up first and then down."""
    css = format_html(' class="{}"', look) if look else ""
    if "act" in look.split():
        label = format_html('<span class="unseen">{}</span>', label)
    if not key or key not in context.get("sorts", ()):
        return format_html('<th scope="col"{}>{}</th>', css, label)
    request = context["request"]
    now = request.GET.get("sort", "")
    query = kept_query(request.GET, sort=f"-{key}" if now == key else key)
    order = {key: "ascending", f"-{key}": "descending"}.get(now, "none")
    arrow = {"ascending": " ▲", "descending": " ▼"}.get(order, "")
    return format_html(
        '<th scope="col" aria-sort="{}"{}><a class="sort" href="?{}">{}{}</a></th>',
        order,
        css,
        query,
        label,
        arrow,
    )


class ColumnNode(Node):
    """``{% column label key kind= when= %}cell{% endcolumn %}``; ``{% columns x in xs label= kind= %}`` for one an item."""

    def __init__(
        self, nodelist: NodeList, words: list[FilterExpression], options: Options, each: str = ""
    ) -> None:
        self.nodelist, self.words, self.options, self.each = nodelist, words, options, each

    def render(self, context: Context) -> str:
        raise TemplateSyntaxError("a column stands directly in a table")

    def option(self, name: str, context: Context, default: Any = "") -> Any:
        return self.options[name].resolve(context) if name in self.options else default

    def cells(self, context: Context) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Beside what, under which heading and sort key: nothing where ``when`` is false, many for ``columns``."""
        if not self.option("when", context, True):
            return
        beside = [{self.each: item} for item in self.words[0].resolve(context)] if self.each else [{}]
        for extra in beside:
            with context.push(**extra):
                said = [] if self.each else [str(word.resolve(context)) for word in self.words]
                label, key, *_ = [*(said or [str(self.option("label", context))]), "", ""]
                yield extra, label, key

    def cell(self, context: Context, label: str) -> SafeString:
        kind = str(self.option("kind", context))
        body = mark_safe(self.nodelist.render(context).strip())
        css = (
            format_html(' class="{}"', kind.replace("head", "").strip())
            if kind.replace("head", "").strip()
            else ""
        )
        if "head" in kind.split():
            return format_html('<th scope="row"{}>{}</th>', css, body)
        return format_html('<td data-label="{}"{}>{}</td>', "" if "act" in kind.split() else label, css, body)


class GroupNode(Node):
    """``{% group %}heading{% endgroup %}``: a line across the table wherever what it says changes."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        return self.nodelist.render(context).strip()


class TableNode(Node):
    """``{% table row in rows caption= kind= live= row_class= row_id= %}`` columns ``{% empty %}`` words ``{% endtable %}``."""

    child_nodelists = ("nodelist", "nothing")

    def __init__(
        self, names: list[str], rows: FilterExpression, options: Options, inside: list[NodeList]
    ) -> None:
        self.names, self.rows, self.options = names, rows, options
        self.nodelist, self.nothing = inside
        self.columns = [node for node in self.nodelist if isinstance(node, ColumnNode)]
        self.groups = [node for node in self.nodelist if isinstance(node, GroupNode)][:1]

    def render(self, context: Context) -> str:
        told = {
            name: value.resolve(context)
            for name, value in self.options.items()
            if not name.startswith("row_")
        }
        cells = [(column, *cell) for column in self.columns for cell in column.cells(context)]
        heads = []
        for column, extra, label, key in cells:
            with context.push(**extra):
                kind = str(column.option("kind", context)).replace("head", "").strip()
                heads.append(heading(context, label, key, kind))
        rows = list(self.rows.resolve(context) or ())
        lines = self._lines(context, rows, [(column, extra, label) for column, extra, label, _ in cells])
        parts = {"head": mark_safe("".join(heads)), "body": mark_safe("".join(lines)), "wide": len(cells)}
        request = context.get("request")
        is_narrowed = bool(request and request.__dict__.pop(NARROWED, False))
        if not rows and is_narrowed:
            parts["nothing"] = render_to_string("kit/no_match.html")
        elif not rows:
            parts["nothing"] = mark_safe(self.nothing.render(context).strip())
        return render_to_string("kit/table.html", told | parts)

    def _lines(self, context: Context, rows: list[Any], cells: list[Cell]) -> Iterator[str]:
        above = None
        for at, row in enumerate(rows, start=1):
            with context.push(
                **self._named(row), loop={"counter": at, "first": at == 1, "last": at == len(rows)}
            ):
                said = self.groups[0].render(context) if self.groups else None
                if said and said != above:
                    yield format_html(
                        '<tr class="group"><th scope="rowgroup" colspan="{}">{}</th></tr>',
                        len(cells),
                        mark_safe(said),
                    )
                above = said
                yield format_html(
                    "<tr{}>{}</tr>", self._attributes(context), mark_safe("".join(_row(context, cells)))
                )

    def _named(self, row: Any) -> dict[str, Any]:
        values: Iterable[Any] = row if len(self.names) > 1 else (row,)
        return dict(zip(self.names, values, strict=True))

    def _attributes(self, context: Context) -> SafeString:
        given = {
            name[4:]: value.resolve(context)
            for name, value in self.options.items()
            if name.startswith("row_")
        }
        return format_html_join("", ' {}="{}"', ((name, value) for name, value in given.items() if value))


def _row(context: Context, cells: list[Cell]) -> Iterator[str]:
    for column, extra, label in cells:
        with context.push(**extra):
            yield column.cell(context, label)


def table(parser: Parser, token: Token) -> TableNode:
    """Read a table: ``row in rows`` as in a loop, then its options."""
    bits = token.split_contents()[1:]
    if "in" not in bits:
        raise TemplateSyntaxError("{% table row in rows … %}")
    at = bits.index("in")
    names = [name for bit in bits[:at] for name in bit.split(",") if name]
    rows = parser.compile_filter(bits[at + 1])
    options = token_kwargs(bits[at + 2 :], parser)
    nodelist, nothing = parser.parse(("empty", "endtable")), NodeList()
    if parser.next_token().contents == "empty":
        nothing = parser.parse(("endtable",))
        parser.delete_first_token()
    return TableNode(names, rows, options, [nodelist, nothing])


def column(parser: Parser, token: Token) -> ColumnNode:
    """Read a column: its heading, perhaps the key it sorts by, then options."""
    bits = token.split_contents()[1:]
    at = next((n for n, bit in enumerate(bits) if "=" in bit and bit[0] not in "\"'_"), len(bits))
    nodelist = parser.parse(("endcolumn",))
    parser.delete_first_token()
    words = [parser.compile_filter(bit) for bit in bits[:at]]
    return ColumnNode(nodelist, words, token_kwargs(bits[at:], parser))


def columns(parser: Parser, token: Token) -> ColumnNode:
    """Read columns that are as many as there are items."""
    bits = token.split_contents()[1:]
    if len(bits) < 3 or bits[1] != "in":
        raise TemplateSyntaxError("{% columns item in items label=… %}")
    nodelist = parser.parse(("endcolumns",))
    parser.delete_first_token()
    return ColumnNode(nodelist, [parser.compile_filter(bits[2])], token_kwargs(bits[3:], parser), bits[0])


def group(parser: Parser, token: Token) -> GroupNode:
    """Read the heading of a group of rows."""
    nodelist = parser.parse(("endgroup",))
    parser.delete_first_token()
    return GroupNode(nodelist)
