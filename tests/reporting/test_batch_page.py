"""The page about a run of a batch, in every language."""

from html.parser import HTMLParser

import pytest

from signalopt.reporting.batch_page import batch_html, batch_markdown
from signalopt.reporting.texts import LANGUAGES

GAIN = {"share": 0.123, "mean": 4.0, "low": 3.0, "high": 5.0, "confidence": 0.95, "runs": 5}


def row(task, state, gain=None, reason="adopted"):
    known = gain is not None
    return {
        "task": task, "state": state, "reason": reason, "attempts": 1, "gain": gain,
        "delay_before_s": 32.5 if known else None, "delay_after_s": 28.5 if known else None,
    }  # fmt: skip


RUN = {
    "run": 7, "job": "/jobs/retiming.toml", "state": "failed", "cluster": "tcp://a:1",
    "began": "2026-01-01T02:30:00+00:00", "ended": "2026-01-01T02:50:00+00:00",
    "min_gain": 0.02, "times_s": {"load": 1.0, "sumo": 6.0, "proof": 3.0},
    "waiting": ["town/main/am"],
    "tasks": [
        row("town/main/am", "proposed", GAIN),
        row("town/main/pm", "skipped", reason="nothing changed"),
        row("town/<b>|x/pm", "failed", reason="SUMO died & left"),
    ],
}  # fmt: skip


class Text(HTMLParser):
    """The words of a page, and its tags."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_formats_say_the_same(language):
    page, text = Text(batch_html(RUN, language)), batch_markdown(RUN, language)
    shown = " ".join(page.words)
    for line in text.replace("\\|", "¦").splitlines():
        for cell in line.strip("*# -|").split(" | "):
            words = cell.replace("¦", "|").strip("* ")
            assert words.strip("-") == "" or words in shown, words
    assert "{" not in text


def test_figures_and_words():
    text = batch_markdown(RUN)
    assert text.startswith(
        "# Re-timing, run 7\n\n**Tasks: 3. New plan in force: 0; plan proposed: 1;"
    )
    assert "nothing to do: 1; failed: 1." in text
    assert (
        "| town/main/am | plan proposed | +12.3\N{NO-BREAK SPACE}% | +3.0 … +5.0 | 32.5 | 28.5 |"
    ) in text
    assert "loading 10\N{NO-BREAK SPACE}%, search in SUMO 60\N{NO-BREAK SPACE}%, proof 30" in text
    assert "wait for: town/main/am." in text
    assert "tcp://a:1" in text


def test_a_page_needs_nothing_else():
    page = Text(batch_html(RUN))
    loaded = [attrs for _, attrs in page.tags if "src" in attrs]
    linked = [attrs["href"] for tag, attrs in page.tags if tag in ("link", "a")]
    assert loaded == []
    assert all(href.startswith("data:") for href in linked)
    assert "town/<b>|x/pm" in page.words  # escaped: words, not a tag
