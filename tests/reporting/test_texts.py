"""Every language says the same, and writes numbers in its way."""

import math
import re
from string import Formatter

import pytest

from signalopt.errors import InputError
from signalopt.reporting.change import QUANTITIES, Tone
from signalopt.reporting.texts import LANGUAGES, texts
from signalopt.reporting.words import clock


def placeholders(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_have_the_same_keys_and_placeholders(language):
    english, other = texts("en"), texts(language)
    assert list(other.catalogue) == list(english.catalogue)
    assert list(other.words) == list(english.words)
    for key, text in english.catalogue.items():
        assert placeholders(other.catalogue[key]) == placeholders(text), key


@pytest.mark.parametrize("language", ["de", "zh"])
def test_a_translation_is_not_english(language):
    english, other = texts("en").catalogue, texts(language).catalogue
    same = [k for k, v in english.items() if other[k] == v]
    allowed = r"unit\.|method\.(version|sumo|python|platform)|tone.neutral|col.name|comma"
    assert [k for k in same if not re.match(allowed, k)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quantity_and_tone_has_words(language):
    catalogue = texts(language).catalogue
    for name, quantity in QUANTITIES.items():
        assert f"quantity.{name}" in catalogue
        assert f"unit.{quantity.unit}" in catalogue
        assert not quantity.better or f"worse.{name}" in catalogue
    assert {f"tone.{tone.value}" for tone in Tone} <= catalogue.keys()


@pytest.mark.parametrize(
    ("language", "value", "digits", "expected"),
    [
        ("en", 1234.56, 1, "1,234.6"),
        ("de", 1234.56, 1, "1.234,6"),
        ("zh", 1234.56, 0, "1,235"),
        ("en", -0.04, 1, "0.0"),
        ("en", -2.5, 1, "−2.5"),
        ("en", math.nan, 1, "–"),
        ("en", None, 1, "–"),
        ("de", math.inf, 1, "–"),
    ],
)
def test_numbers(language, value, digits, expected):
    assert texts(language).number(value, digits) == expected


def test_signs_and_shares():
    assert texts().number(2.5, 1, signed=True) == "+2.5"
    assert texts().number(0.0, 1, signed=True) == "0.0"
    assert texts().percent(-0.1234) == "−12.3\N{NO-BREAK SPACE}%"
    assert texts("de").percent(0.5) == "+50,0\N{NO-BREAK SPACE}%"
    assert texts("zh").percent(0.5) == "+50.0%"


def test_words_in_pictures_are_translated_longest_first():
    german = texts("de").translated
    assert german("EB left and WB through (4, 5)") == "Ri. Ost links und Ri. West geradeaus (4, 5)"
    assert german("on foot, north arm") == "zu Fuß, Nordarm"
    assert german("green, gives way") == "grün, wartepflichtig"
    assert german("leftover") == "leftover"
    assert texts("en").translated("EB left") == "EB left"


def test_an_unknown_language_is_named():
    with pytest.raises(InputError, match="no report in 'fr'; choose one of en, de, zh"):
        texts("fr")


def test_times_of_day():
    assert [clock(t) for t in (0, 25200, 61230)] == ["00:00", "07:00", "17:00:30"]


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        texts()("window", begin="07:00")
