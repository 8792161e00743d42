"""The page is whole, reads aloud, and needs nothing from outside."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from signalopt.plotting import plot_stages
from signalopt.plotting.files import close, svg_text
from signalopt.reporting.svg import inline_svg

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Walker(HTMLParser):
    """Checks that elements nest, and collects what a reader with a keyboard or a voice meets."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.headings, self.links, self.tables = [], [], [], [], []
        self.svgs, self.inputs, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.attributes.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(attributes["href"])
        if tag == "svg":
            self.svgs.append(attributes)
        if tag == "input":
            self.inputs.append(attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def walked(page):
    walker = Walker()
    walker.feed(page)
    walker.close()
    return walker


def test_elements_nest(walked):
    assert walked.open == []


def test_ids_are_unique_and_links_lead_somewhere(walked):
    assert len(walked.ids) == len(set(walked.ids))
    assert {link[1:] for link in walked.links} <= set(walked.ids)
    assert all(link.startswith("#") for link in walked.links)


def test_references_within_pictures_lead_somewhere(page, walked):
    used = set(re.findall(r"url\(#([^)]+)\)", page)) | set(
        re.findall(r'href="#(p\d+-[^"]+)"', page)
    )
    assert used
    assert used <= set(walked.ids)


def test_headings_are_in_order(walked):
    assert walked.headings[0] == 1
    assert walked.headings.count(1) == 1
    steps = zip(walked.headings, walked.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)


def test_pictures_have_words(walked):
    assert len(walked.svgs) == 3 + 3 + 1 + 4 + 2
    labels = [svg["aria-label"] for svg in walked.svgs]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert {svg["role"] for svg in walked.svgs} == {"img"}


def test_nothing_comes_from_outside(page):
    """No address is loaded: none in attributes, styles or the script."""
    assert not re.search(r"""(src|href|action|data|poster)\s*=\s*["']?(https?:)?//""", page)
    assert not re.search(r"url\((?!#)", page)
    for word in ("@import", "fetch(", "XMLHttpRequest", "WebSocket", "http://", "https://"):
        assert word not in page


def test_tables_have_heads_and_captions(page):
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) > 20
    for table in tables:
        assert "<caption" in table
        heads = len(re.findall(r'<th scope="col"', table))
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table.split("</thead>")[1], re.DOTALL):
            assert len(re.findall(r"<t[hd][ >]", row)) == heads


def test_every_choice_has_one_start(walked):
    names = {}
    for one in walked.inputs:
        names.setdefault(one["name"], []).append("checked" in one)
    assert names.keys() == {"maps-side", "corridor-1", f"side-{next(iter(pictured(walked)))}"}
    assert all(sum(checked) == 1 for checked in names.values())


def pictured(walked):
    for tag, attributes in walked.attributes:
        if tag == "details" and "pictured" in attributes.get("class", ""):
            yield attributes["id"].removeprefix("j-")


def test_few_pictures_are_admitted(page, walked):
    assert len(list(pictured(walked))) == 1
    assert "Of 6 signals, 1 have pictures" in page


def test_links_and_dots_of_the_map_have_titles(page, run):
    maps = page[page.index('id="maps"') : page.index('id="junctions"')]
    edges = {row["edge_id"] for row in run.document["before"]["lanes"]}
    titles = re.findall(r"<title>(.*?)</title>", maps)
    assert len(titles) == 3 * (len(edges) + 6)
    hours = sum(r["delay_s"] for r in run.document["before"]["junctions"] if r["signal_id"] == "A1")
    assert f"A1: {hours / 3600:,.2f} vehicle-hours" in titles


def test_titles_must_fit_the_shapes(arterial):
    ax = plot_stages(arterial.plan.plans["A1"], arterial.network)
    text = svg_text(ax)
    close(ax)
    with pytest.raises(AssertionError, match="shapes and 1 titles"):
        inline_svg(text, prefix="x-", label="", translated=str, titles={"axes_1": ["one"]})


def test_names_are_escaped(run, quick_html):
    """A scenario's words are text, not markup."""
    wicked = "<script>alert(1)</script>"
    page = quick_html(replace(run, scenario=replace(run.scenario, description=wicked)))
    assert wicked not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
