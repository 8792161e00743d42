"""Times as SUMO writes them."""

import pytest

from signalopt.errors import InputError
from signalopt.io.times import seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", 12.5),
        ("0", 0),
        ("-4", -4),
        ("1e3", 1000),
        ("07:30:00", 27000),
        ("00:00:01.5", 1.5),
        ("1:01:00:00", 90000),
        ("25:00:00", 90000),
        ("7:3:0", 25380),
    ],
)
def test_seconds(text, expected):
    assert seconds(text, "flow 'a'", "begin") == expected


@pytest.mark.parametrize("text", ["triggered", "containerTriggered", "split"])
def test_words_stand_for_no_time(text):
    assert seconds(text, "v", "depart", allow_words=True) is None
    with pytest.raises(InputError, match=f"depart is '{text}'"):
        seconds(text, "v", "depart")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("noon", "is 'noon'; it must be a number of seconds or HH:MM:SS"),
        ("", "is ''; it must be a number of seconds or HH:MM:SS"),
        ("7:30", "is '7:30'; it must be a number of seconds or HH:MM:SS"),
        ("nan", "is 'nan'; it must be finite"),
        ("inf", "is 'inf'; it must be finite"),
        (None, "is missing; add it"),
    ],
)
def test_other_texts(text, message):
    with pytest.raises(InputError) as caught:
        seconds(text, "flow 'a'", "begin")
    assert str(caught.value) == f"flow 'a': begin {message}"
