"""One page about a run of a batch, as HTML and as Markdown, suited to be mailed or committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import signalopt
from signalopt.reporting.page import rendered
from signalopt.reporting.texts import texts as catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.reporting.texts import Texts

COLUMNS = ("task", "state", "gain", "interval", "before", "after", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task's cells, and its state for the looks."""

    state: str
    cells: tuple[str, ...]


class BatchPage:
    """Says in words what a run did.

    Parameters
    ----------
    run
        What ``run.json`` holds.
    texts
        The language.
    """

    def __init__(self, run: Mapping[str, Any], texts: Texts) -> None:
        self._run = run
        self._t = texts

    @property
    def title(self) -> str:
        """The heading."""
        return self._t("batch.title", run=self._run["run"])

    @property
    def tone(self) -> str:
        """How the sentence looks."""
        return {"failed": "forced", "nothing": ""}.get(self._run["state"], "adopted")

    def sentence(self) -> str:
        """The whole run in one sentence."""
        counts = dict.fromkeys(("applied", "proposed", "kept", "skipped", "bad"), 0)
        for row in self._run["tasks"]:
            state = "bad" if row["state"] in ("failed", "outdated") else row["state"]
            counts[state] = counts.get(state, 0) + 1
        return self._t("batch.sentence", all=len(self._run["tasks"]), **counts)

    def more(self) -> list[str]:
        """What stands below it."""
        run, t = self._run, self._t
        lines = [t("batch.when", began=run["began"], ended=run["ended"])]
        if run["cluster"]:
            lines.append(t("batch.cluster", address=run["cluster"]))
        if run["waiting"]:
            lines.append(t("batch.waiting", tasks=t("comma").join(run["waiting"])))
        total = sum(run["times_s"].values())
        if total > 0:
            parts = [
                f"{t(f'batch.part.{part}')} {t.percent(s / total, 0).lstrip('+')}"
                for part, s in run["times_s"].items()
            ]
            lines.append(t("batch.times", total=t.number(total, 0), parts=t("comma").join(parts)))
        return lines

    def heads(self) -> list[str]:
        """Headings of the columns."""
        return [self._t(f"batch.col.{name}") for name in COLUMNS]

    def rows(self) -> list[Row]:
        """The tasks."""
        return [self._row(row) for row in self._run["tasks"]]

    def _row(self, row: Mapping[str, Any]) -> Row:
        t, gain = self._t, row["gain"]
        interval = (
            t.number(None)
            if gain is None
            else f"{t.number(gain['low'], signed=True)} … {t.number(gain['high'], signed=True)}"
        )
        cells = (
            row["task"],
            t(f"batch.state.{row['state']}"),
            t.percent(None if gain is None else gain["share"]),
            interval,
            t.number(row["delay_before_s"]),
            t.number(row["delay_after_s"]),
            row["reason"],
        )
        return Row(state=row["state"], cells=cells)

    def notes(self) -> list[str]:
        """How to read the table, and where it comes from."""
        t, run = self._t, self._run
        least = t.percent(run["min_gain"]).lstrip("+")
        return [
            t("batch.how", min_gain=least),
            t("batch.made_by", version=signalopt.__version__, job=run["job"]),
        ]


def batch_html(run: Mapping[str, Any], language: str = "en") -> str:
    """The page as one HTML file that needs nothing else.

    Parameters
    ----------
    run
        What ``run.json`` holds.
    language
        ``en``, ``de`` or ``zh``.

    Raises
    ------
    InputError
        If there is no such language.
    """
    return rendered("batch.html.j2", language, page=BatchPage(run, catalogue(language)))


def batch_markdown(run: Mapping[str, Any], language: str = "en") -> str:
    """The page as Markdown; see `batch_html`."""
    page = BatchPage(run, catalogue(language))
    table = [page.heads(), ["---"] * len(COLUMNS), *(row.cells for row in page.rows())]
    blocks = [
        f"# {page.title}",
        f"**{page.sentence()}**",
        "\n".join(f"- {line}" for line in page.more()),
        "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in table),
        *page.notes(),
    ]
    return "\n\n".join(blocks) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
