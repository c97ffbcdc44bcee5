"""Goes through pages by their visible links, breadth first, as one visitor in one language.

Of each kind of page (a URL name and the names of its query) a few are opened; every answer, and what it offers, is kept.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import Cookie, CookieJar
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from django.urls import Resolver404, resolve
from lxml import html

SEEN = "not(ancestor-or-self::*[@hidden or self::template or self::noscript])"
LINKS = (
    *(
        (f"//a[@href][{SEEN}]", "href"),
        (f"//area[@href][{SEEN}]", "href"),
        (f"//*[@hx-get][{SEEN}]", "hx-get"),
    ),
    *(("//img[@src]", "src"), ("//script[@src]", "src"), ("//link[@rel='stylesheet']", "href")),
)
WORDS_OF_A_PATH = ("verb", "act", "kind", "channel")
"""Parts of an address that say what is done; every other part names an object, of which a few are enough."""
ASSETS = "/static/"
OBJECTS, VARIANTS, CEILING = 3, 5, 700
"""How many plain addresses and how many with a query are opened of a kind, and how many there can be of all kinds."""


def kind(path: str) -> tuple[str, ...]:
    """What kind of page an address is: its URL name and the words of it that say what is done."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return (urlsplit(path).path,)
    words = [str(value) for key, value in match.kwargs.items() if key in WORDS_OF_A_PATH]
    return (match.url_name or str(match.route), *words)


def permission(path: str) -> str:
    """What an address of ours asks for; empty for the sign-in library's own."""
    return str(getattr(resolve(urlsplit(path).path).func, "permission", ""))


@dataclass(frozen=True)
class Form:
    """A form as a page shows it: where it goes, and what a browser sends when nobody types anything."""

    action: str
    method: str
    values: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> tuple[str, ...]:
        pressed = self.values[-1:] if self.values and self.values[-1][0] in ("act", "verb", "do") else ()
        return (*kind(self.action), *(word for pair in pressed for word in pair))


@dataclass(frozen=True)
class Page:
    """An answer: where it came from in the end, and the document if it is one."""

    path: str
    status: int
    content_type: str
    tree: html.HtmlElement | None = None
    host: str = ""

    def links(self) -> list[str]:
        """Where its visible links, fragments and assets lead inside the house, in their order and once each."""
        found: dict[str, None] = {}
        for query, name in LINKS:
            for element in self.tree.xpath(query) if self.tree is not None else ():
                if inside := self._inside(element.get(name)):
                    found[inside] = None
        found |= {
            f"{form.action}?{urlencode(form.values)}": None for form in self.forms() if form.method == "GET"
        }
        return list(found)

    def _inside(self, link: str) -> str:
        """The path and query of a link into the house; empty for any other."""
        target = urlsplit(urljoin(f"http://{self.host}{self.path}", link.strip()))
        if target.scheme != "http" or target.netloc != self.host or link.startswith("#"):
            return ""
        return target.path + (f"?{target.query}" if target.query else "")

    def forms(self) -> list[Form]:
        """Its visible forms; one for each button that goes elsewhere or says something else."""
        found = [] if self.tree is None else self.tree.xpath(f"//form[{SEEN}]")
        return [form for element in found for form in self._ways_out(element)]

    def _ways_out(self, element: html.HtmlElement) -> Iterator[Form]:
        method = (element.get("method") or "get").upper()
        values = [pair for field in element.xpath(".//input|.//select") for pair in _untouched(field)]
        buttons = element.xpath(".//button[not(@type) or @type='submit']|.//input[@type='submit']")
        for button in buttons or [None]:
            action = (button.get("formaction") if button is not None else None) or element.get("action")
            pressed = [(button.get("name"), button.get("value") or "")] if _names(button) else []
            where = self._inside(action or self.path)
            yield Form(where.split("?")[0] if method == "GET" else where, method, (*values, *pressed))


def _names(button: html.HtmlElement | None) -> bool:
    return button is not None and bool(button.get("name"))


def _untouched(field: html.HtmlElement) -> Iterable[tuple[str, str]]:
    """What a field sends by itself: hidden ones their value, choices the first; what would be typed or ticked, nothing."""
    name = field.get("name")
    if not name or field.get("disabled") is not None:
        return ()
    if field.tag == "select":
        chosen = field.xpath(".//option[@selected]") or field.xpath(".//option")
        return [(name, chosen[0].get("value", ""))] if chosen and not field.get("multiple") else ()
    return [(name, field.get("value", ""))] if field.get("type") == "hidden" else ()


class Visitor:
    """Somebody with a session and a language, who asks for pages and sends forms."""

    def __init__(self, url: str, language: str) -> None:
        self.url, self.jar = url.rstrip("/"), CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.jar))
        self._language = language

    def be_known(self, name: str, value: str) -> None:
        """Carry a cookie that was made elsewhere."""
        host = urlsplit(self.url).hostname or ""
        self.jar.set_cookie(
            Cookie(
                0, name, value, None, False, host, False, False, "/", True, False, None, True, None, None, {}
            )
        )

    def get(self, path: str) -> Page:
        return self._ask(path, None)

    def send(self, form: Form) -> Page:
        return self._ask(form.action, urlencode(form.values).encode())

    def _ask(self, path: str, data: bytes | None) -> Page:
        headers = {"Accept-Language": self._language, "Accept": "text/html,*/*"}
        try:
            answer = self._opener.open(Request(f"{self.url}{path}", data, headers), timeout=120)
        except HTTPError as error:
            answer = error
        with answer:
            body, final = answer.read(), urlsplit(answer.url)
            content_type = answer.headers.get_content_type()
            where = final.path + (f"?{final.query}" if final.query else "")
            is_page = content_type == "text/html" and body.strip()
            parser = html.HTMLParser(encoding="utf-8")
            tree = html.document_fromstring(body, parser=parser) if is_page else None
            return Page(where, answer.status, content_type, tree, final.netloc)


@dataclass
class Crawl:
    """What a visitor found: the answer to every address opened, where it stood, and every form by its kind."""

    visitor: Visitor
    pages: dict[str, Page] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    forms: dict[tuple[str, ...], tuple[str, Form]] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """Every visible link that is answered with 400 or more, if it is still there and still is."""
        return [
            f"{path} → {page.status}, on {self.sources[path] or 'no page'}"
            for path, page in self.pages.items()
            if page.status >= 400 and self._still(path)
        ]

    def _still(self, path: str) -> bool:
        """The city lives: what was gone when it was asked for may be gone from the page it stood on."""
        source = self.sources[path]
        if source and path not in self.visitor.get(source).links():
            return False
        return self.visitor.get(path).status >= 400

    def examples(self) -> dict[tuple[str, ...], str]:
        """Kind → the first page of it that was shown in full."""
        found: dict[tuple[str, ...], str] = {}
        for path, page in self.pages.items():
            if page.status == 200 and page.tree is not None and "?" not in path and page.path == path:
                found.setdefault(kind(path), path)
        return found


def crawl(visitor: Visitor, starts: list[str], *, objects: int = OBJECTS, variants: int = VARIANTS) -> Crawl:
    """Go through the house from a few doors. A few objects of each kind, and few of their variants, are opened."""
    found, counts = Crawl(visitor), Counter[tuple[str, ...]]()
    queue = deque((path, "") for path in starts)
    while queue:
        path, source = queue.popleft()
        if path in found.pages or not _is_wanted(path, counts, objects, variants):
            continue
        page = found.pages[path] = visitor.get(path)
        found.sources[path] = source
        assert len(found.pages) < CEILING, "the kinds of pages are no longer told apart"
        queue.extend((link, path) for link in page.links())
        for form in page.forms():
            if form.method == "POST":
                found.forms.setdefault(form.kind, (path, form))
    return found


def _is_wanted(path: str, counts: Counter[tuple[str, ...]], objects: int, most: int) -> bool:
    """Whether fewer of its kind were opened than are enough; counts it."""
    query = tuple(sorted({key for key, _value in parse_qsl(urlsplit(path).query, keep_blank_values=True)}))
    if path.startswith(ASSETS):
        return True
    name = kind(path)
    exact, variants = (*name, "?", *query), (*name, "variants")
    if counts[exact] >= (objects if not query else 1) or (query and counts[variants] >= most):
        return False
    counts[exact] += 1
    counts[variants] += bool(query)
    return True
