"""What a page is made of, by the parser of the standard library."""

from __future__ import annotations

import json
from html.parser import HTMLParser

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip


class Tree(HTMLParser):
    """Elements in order with their depth, text by element, scripts, ids and links of a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.scripts, self.said = [], [], [], []
        self.attributes = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((len(self.open), tag, tuple(name for name, _ in attrs)))
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)
        elif "style" not in self.open:
            self.said.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    @property
    def running(self):
        return [text for attrs, text in self.scripts if attrs.get("type") != "application/json"]

    @property
    def islands(self):
        return {a["id"]: json.loads(text) for a, text in self.scripts if a.get("type") == "application/json"}

    def all(self, tag):
        return [attrs for name, attrs in self.attributes if name == tag]
