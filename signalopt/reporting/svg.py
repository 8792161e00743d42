"""Pictures as part of a page: SVG that reads aloud, follows the page's colours and stays small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from signalopt.plotting.style import INK, LINE, MUTED, PAPER, ROAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_COLOURS: Final = {
    colour.lower(): f"var(--{name})"
    for name, colour in (
        ("ink", INK), ("muted", MUTED), ("line", LINE), ("road", ROAD), ("paper", PAPER),
    )
}  # fmt: skip
_COLOUR: Final = re.compile("|".join(map(re.escape, _COLOURS)))
_DECIMALS: Final = re.compile(r"(\.\d\d)\d+")
_FONTS: Final = re.compile(r"font-family: [^;]*(; )?")
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
_NO_TURN: Final = re.compile(r"rotate\(-?0(\.0*)? [^)]*\)")


def inline_svg(
    svg: str,
    *,
    prefix: str,
    label: str,
    translated: Callable[[str], str],
    titles: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Make a picture part of a page.

    Parameters
    ----------
    svg
        What matplotlib wrote.
    prefix
        Put before its ids, which must differ from those of all other pictures of the page.
    label
        What it shows, for those who do not see it.
    translated
        Translates its words.
    titles
        What to show over each shape of a group, by the group's id, in drawing order.

    Returns
    -------
    str
        An ``svg`` element.
    """
    root = ET.fromstring(svg)  # noqa: S314 (we wrote it)
    for group in root.iter(f"{_SVG}g"):
        if titles and group.get("id") in titles:
            _add_titles(group, titles[str(group.get("id"))])
    used = _referenced(root)
    for element in root.iter():
        _tidy(element, used, prefix, translated)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ("metadata", "style") or (child.tag == "defs" and len(child) == 0):
                parent.remove(child)
    size = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update({"viewBox": size, "role": "img", "aria-label": label})
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _add_titles(group: ET.Element, titles: Sequence[str]) -> None:
    shapes = [e for e in group.iter() if e.tag in (f"{_SVG}path", f"{_SVG}use")]
    drawn = [e for e in shapes if not _is_definition(group, e)]
    if len(drawn) != len(titles):
        raise AssertionError(f"{len(drawn)} shapes and {len(titles)} titles")
    for shape, title in zip(drawn, titles, strict=True):
        ET.SubElement(shape, f"{_SVG}title").text = title


def _is_definition(group: ET.Element, shape: ET.Element) -> bool:
    return any(shape in list(defs.iter()) for defs in group.iter(f"{_SVG}defs"))


def _referenced(root: ET.Element) -> set[str]:
    found = set()
    for element in root.iter():
        found.add(element.get(_HREF, "").removeprefix("#"))
        for value in element.attrib.values():
            found.update(_REFERENCE.findall(value))
    return found


def _tidy(
    element: ET.Element, used: set[str], prefix: str, translated: Callable[[str], str]
) -> None:
    element.tag = element.tag.removeprefix(_SVG)
    attributes = dict(element.attrib)
    element.attrib.clear()
    for name, value in attributes.items():
        if name == "id":
            if value in used:
                element.set("id", prefix + value)
        elif name == _HREF:
            element.set("href", value if value.startswith("data:") else f"#{prefix}{value[1:]}")
        elif name == "d":
            element.set("d", _DECIMALS.sub(r"\1", " ".join(value.split())))
        else:
            turned = _NO_TURN.sub("", _DECIMALS.sub(r"\1", _FONTS.sub("", value))).strip()
            turned = _COLOUR.sub(lambda m: _COLOURS[m.group()], turned)
            turned = _REFERENCE.sub(rf"url(#{prefix}\1)", turned)
            if turned:
                element.set(name, turned)
    if element.tag in ("text", "tspan") and element.text:
        element.text = translated(element.text)
    if element.tag not in ("text", "tspan", "title"):
        element.text = None
    element.tail = None if element.tag != "tspan" else element.tail
