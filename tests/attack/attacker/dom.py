"""A small reader of HTML: a tree of elements with their attributes and their text, as a person with "view source" has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element. `children` are elements and pieces of text, in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Itself and everything in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str, of_class: str = "") -> list[Element]:
        """Elements in it with this tag and class."""
        return [one for one in self.walk() if one.tag == tag and one.has(of_class)]

    def has(self, of_class: str) -> bool:
        return not of_class or of_class in self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """Its words with single spaces, those that only screen readers read among them."""
        return " ".join(" ".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in {"script", "style"}:
                yield from child._pieces()

    @property
    def raw(self) -> str:
        """Text as it stands, for what is inside of scripts."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @property
    def everything_said(self) -> str:
        """Its text and the values of all attributes in it, without places of drawings."""
        drawn = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "class", "id", "href"}
        told = [
            f"{name.removeprefix('data-')} {value}"
            for one in self.walk()
            for name, value in one.attributes.items()
            if name not in drawn
        ]
        return " ; ".join([self.text, *told])


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        self.open[-1].children.append(f" {data} ")


def parse(html: str) -> Element:
    """The tree of a page; comments are text."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root
