"""An HTML page, taken apart for the tests that look into it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr"}


class Page(HTMLParser):
    """What a page says: its tags in order, and the text of each element that is asked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[tuple[str, int]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute of <{tag}> is there twice"
        self.tags.append((tag, dict(attrs)))
        self.texts.append("")
        if tag not in VOID:
            self.open.append((tag, len(self.tags) - 1))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, place in self.open:
            self.texts[place] += data

    def all(self, tag: str, **attributes: str) -> list[str]:
        return [
            " ".join(text.split())
            for (name, found), text in zip(self.tags, self.texts, strict=True)
            if name == tag
            and all(found.get(k.rstrip("_").replace("_", "-")) == v for k, v in attributes.items())
        ]

    def attributes(self, tag: str, name: str) -> list[str | None]:
        return [found.get(name) for kind, found in self.tags if kind == tag]
