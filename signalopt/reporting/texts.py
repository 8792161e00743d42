"""The words of a report: one catalogue of texts per language, and how numbers are written."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from signalopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("en", "de", "zh")
UNKNOWN: Final = "–"
_MINUS: Final = "−"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Texts:
    """The texts of one language.

    Attributes
    ----------
    language
        Its code, such as ``"en"``.
    catalogue
        Every text by its key, tables joined by dots.
    words
        What pictures and signal groups are called, by their English words.
    """

    language: str
    catalogue: Mapping[str, str]
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A text with its placeholders filled in.

        Raises
        ------
        KeyError
            If the catalogue has no such text, or the text asks for something that is not given.
        """
        return self.catalogue[key].format(**values)

    def number(self, value: float | None, digits: int = 1, *, signed: bool = False) -> str:
        """A number with this many decimals, as the language writes it; a dash for unknown."""
        if value is None or not math.isfinite(value):
            return UNKNOWN
        text = f"{abs(value):,.{digits}f}"
        if self.language == "de":
            text = text.translate(str.maketrans(",.", ".,"))
        zero = not any(c in "123456789" for c in text)
        sign = "" if zero else _MINUS if value < 0 else "+" if signed else ""
        return sign + text

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A signed share in per cent."""
        if share is None or not math.isfinite(share):
            return UNKNOWN
        space = "" if self.language == "zh" else "\N{NO-BREAK SPACE}"
        return f"{self.number(100 * share, digits, signed=True)}{space}%"

    def translated(self, english: str) -> str:
        """English words of pictures and signal groups in this language; others stay."""
        if not self.words:
            return english
        return _pattern(tuple(self.words)).sub(lambda m: self.words[m.group()], english)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest)) + r")(?![\w-])")


@cache
def texts(language: str = "en") -> Texts:
    """The catalogue of a language.

    Raises
    ------
    InputError
        If there is none.
    """
    if language not in LANGUAGES:
        raise InputError(
            f"there is no report in {language!r}; choose one of {', '.join(LANGUAGES)}"
        )
    source = files("signalopt.reporting") / "texts" / f"{language}.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    words = tables.pop("pictures", {})
    return Texts(language=language, catalogue=dict(_flat(tables)), words=words)


def _flat(tables: Mapping[str, Any], stem: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tables.items():
        name = f"{stem}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, str(value))]
    return found
