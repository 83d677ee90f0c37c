"""A tearsheet inside a notebook."""

from __future__ import annotations

import html
import re

import handmade

from reports.page import page


def test_a_notebook_shows_the_page_in_a_frame_without_an_origin():
    result = handmade.result()
    shown = result.tearsheet()._repr_html_()
    (inner,) = re.findall(
        r'<iframe srcdoc="([^"]*)" sandbox="allow-scripts allow-downloads allow-popups"', shown
    )

    assert html.unescape(inner) == page([result])


def test_with_a_path_it_is_written(tmp_path):
    target = handmade.result().tearsheet(
        tmp_path / "page.html", title="Mine", theme="dark", sections=["verdict"]
    )

    text = target.read_text("utf-8")
    assert "<h1>Mine</h1>" in text
    assert text.count("<section") == 1
