"""The report as Markdown: the same figures without pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import signalopt
from signalopt.reporting.background import Background
from signalopt.reporting.report import make_report
from signalopt.reporting.texts import texts as catalogue
from signalopt.reporting.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signalopt.reporting.change import Change
    from signalopt.reporting.junctions import Junction, PartRow
    from signalopt.reporting.report import Report
    from signalopt.reporting.run import Run
    from signalopt.reporting.texts import Texts
    from signalopt.reporting.timing import Sheet

FIGURES = ("before", "after", "relative", "verdict", "difference", "interval")


def render_markdown(run: Run, language: str = "en") -> str:
    """The report of a run as Markdown.

    Parameters
    ----------
    run
        The run.
    language
        ``en``, ``de`` or ``zh``.

    Raises
    ------
    InputError
        If there is no such language.
    """
    report = make_report(run)
    return _Page(report, catalogue(language)).text()


class _Page:
    def __init__(self, report: Report, texts: Texts) -> None:
        self._report = report
        self._t = texts
        self._w = Words(report, texts)
        self._background = Background(report, texts)
        self._lines: list[str] = []

    def text(self) -> str:
        report, t, w = self._report, self._t, self._w
        self._add(f"# {t('title', scenario=report.name)}", report.description, w.window())
        self._section("summary", f"**{w.verdict()}**")
        self._bullets(w.more())
        if report.compared:
            self._figures()
            self._losers()
        self._junctions()
        self._corridors()
        self._search()
        self._method()
        self._add(t("made_by", version=signalopt.__version__))
        return "\n\n".join(self._lines) + "\n"

    def _add(self, *paragraphs: str) -> None:
        self._lines += [p for p in paragraphs if p]

    def _section(self, name: str, *paragraphs: str) -> None:
        self._add(f"## {self._t(f'section.{name}')}", *paragraphs)

    def _bullets(self, lines: Iterable[str]) -> None:
        self._add("\n".join(f"- {line}" for line in lines))

    def _table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        lines = [heads, ["---"] * len(heads), *rows]
        self._add("\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines))

    def _heads(self, *keys: str) -> list[str]:
        return [self._t(f"col.{key}", confidence=self._w.confidence) for key in keys]

    def _named(self, change: Change) -> str:
        unit = self._t(f"unit.{change.look.unit}")
        return f"{self._t(f'quantity.{change.quantity}')} [{unit}]"

    def _change(self, change: Change) -> list[str]:
        return [
            self._w.figure(change, "before"),
            self._w.figure(change, "after"),
            self._t.percent(change.relative),
            self._t(f"tone.{change.tone.value}"),
            self._w.figure(change, "difference"),
            self._w.interval(change),
        ]

    def _figures(self) -> None:
        report, t, w = self._report, self._t, self._w
        self._section("figures", t("figures.caption", runs=report.runs))
        self._table(
            self._heads("quantity", *FIGURES),
            [[self._named(c), *self._change(c)] for c in (*report.headline, *report.incidents)],
        )
        self._add(t("figures.classes_caption"))
        self._table(
            self._heads("class", "quantity", *FIGURES),
            [
                [w.vehicle_class(c.vehicle_class), self._named(c.change), *self._change(c.change)]
                for c in report.classes
            ],
        )
        self._add(t("figures.note"))
        self._section("benefit", w.benefit_sentence())
        if report.benefit is not None:
            self._table(
                self._heads("kind", "saved", "price", "money", "interval"),
                [
                    [
                        t(f"benefit.{s.kind}"),
                        w.amount(s),
                        "" if s.price is None else t.number(s.price, 2),
                        w.money(s.money),
                        f"{w.money(s.low)} … {w.money(s.high)}",
                    ]
                    for s in report.benefit.shares
                ],
            )
            self._bullets(w.assumptions())
            self._add(t("benefit.edit"))

    def _losers(self) -> None:
        losers = self._report.losers
        self._section("losers")
        self._bullets(self._w.losers())
        if not losers.worse:
            self._add(self._t("losers.nobody"))
            return
        self._add(self._t("losers.worse_caption"))
        self._parts(losers.worse)

    def _parts(self, rows: Sequence[PartRow]) -> None:
        self._table(
            self._heads("signal", "movement", "vehicles", *FIGURES),
            [
                [
                    row.signal_id,
                    f"{self._w.place(row.place)}, {self._w.edges(row.place)}",
                    self._t.number(row.change.vehicles, 0),
                    *self._change(row.change),
                ]
                for row in rows
            ],
        )

    def _junctions(self) -> None:
        t = self._t
        self._section("junctions", t("junctions.intro"))
        for junction in self._report.junctions:
            self._junction(junction)

    def _junction(self, junction: Junction) -> None:
        t, w = self._t, self._w
        streets = " / ".join(junction.streets)
        self._add(f"### {junction.signal_id}" + (f": {streets}" if streets else ""))
        self._add(w.junction(junction))
        if junction.note:
            self._add(t("junction.left_alone", reason=junction.note))
        if junction.gives_way_anew:
            self._add(t("junction.anew"))
            self._bullets(junction.gives_way_anew)
        if not junction.changed:
            self._add(t("junction.unchanged"))
            self._sheet(junction.old, "sheet_same")
            return
        self._sheet(junction.old, "sheet_before")
        self._sheet(junction.new, "sheet_after")

    def _sheet(self, sheet: Sheet, title: str) -> None:
        t = self._t
        self._add(
            t(
                f"junction.{title}",
                program=sheet.program_id,
                cycle=t.number(sheet.cycle_s, 0),
                offset=t.number(sheet.offset_s, 0),
            )
        )
        if not sheet.stages:
            self._add(t("junction.responsive"))
            return
        self._table(
            self._heads("stage", "released", "starts", "green", "yellow", "clearance", "split"),
            [
                [
                    str(row.number),
                    t.translated("; ".join((*row.released, *row.yielding))),
                    *map(str, (row.start_s, row.green_s, row.yellow_s)),
                    *map(str, (row.clearance_s, row.split_s)),
                ]
                for row in sheet.stages
            ],
        )

    def _corridors(self) -> None:
        t = self._t
        self._section("corridors")
        if not self._report.corridors:
            self._add(t("corridors.none"))
            return
        self._add(t("corridors.intro"))
        rows = []
        for corridor in self._report.corridors:
            ids = corridor.signal_ids
            for name, before in corridor.before["directions"].items():
                first, last = (ids[0], ids[-1]) if name == "outbound" else (ids[-1], ids[0])
                after = corridor.after["directions"][name]
                rows.append(
                    [
                        corridor.name,
                        t(f"corridors.{name}", first=first, last=last),
                        t.number(before["bandwidth_s"], 1),
                        t.number(after["bandwidth_s"], 1),
                    ]
                )
        self._table(self._heads("name", "direction", "band_before", "band_after"), rows)

    def _search(self) -> None:
        summary, t = self._report.summary, self._t
        self._section(
            "search",
            t("search.intro", evaluations=summary["evaluations"], stopped=summary["stopped"]),
        )
        if summary["worth_of_changes"]:
            self._add(t("search.worth_caption"))
            self._table(
                self._heads("without", "signals", "objective", "delay", "stops"),
                [
                    [
                        t(f"change.{row['change']}"),
                        t.number(row["signals"], 0),
                        t.number(row["objective"], 1, signed=True),
                        t.number(row["delay_s_per_veh"], 1, signed=True),
                        t.number(row["stops_per_veh"], 2, signed=True),
                    ]
                    for row in summary["worth_of_changes"]
                ],
            )
            self._add(t("search.worth_note"))
        self._bullets(self._background.model())

    def _method(self) -> None:
        self._section("method")
        self._bullets(self._background.method())
        self._table(self._heads("name", "value"), self._background.provenance())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
