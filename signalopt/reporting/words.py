"""Sentences and names of a report in one language, the same in HTML and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalopt.evaluation.runs import ON_FOOT
from signalopt.reporting.change import Tone
from signalopt.reporting.figures import Figures

if TYPE_CHECKING:
    from signalopt.reporting.benefit import Share
    from signalopt.reporting.junctions import Junction, Place
    from signalopt.reporting.report import Report
    from signalopt.reporting.texts import Texts

AMOUNTS = {"time": "person_hours", "fuel": "litres", "co2": "tonnes"}


class Words(Figures):
    """Says in sentences what a report holds.

    Parameters
    ----------
    report, texts
        What to say, and in which language.
    """

    def __init__(self, report: Report, texts: Texts) -> None:
        super().__init__(texts, report.confidence)
        self._report = report

    def verdict(self) -> str:
        """The whole run in one sentence, bad news included."""
        report, t = self._report, self._texts
        delay = report.change("delay_s_per_veh")
        if not report.compared or delay is None:
            return t("verdict.nothing")
        bad = self.bad_news()
        return t(
            f"verdict.{report.verdict}",
            before=self.figure(delay, "before"),
            after=self.figure(delay, "after"),
            percent=t.percent(delay.relative),
            runs=report.runs,
            bad=t("verdict.but", bad=t("comma").join(bad)) if bad else t("verdict.no_bad"),
        )

    def bad_news(self) -> list[str]:
        """What gets clearly worse, as phrases."""
        report, t = self._report, self._texts
        found = [
            t(f"worse.{c.quantity}")
            for c in (*report.headline, *report.incidents)
            if c.tone is Tone.WORSE
        ]
        found += [
            self.vehicle_class(c.vehicle_class)
            for c in report.classes
            if c.change.tone is Tone.WORSE and c.change.quantity == "delay_s_per_veh"
        ]
        losers = report.losers
        side = [row for row in losers.legs if row.side_street]
        for key, worse, every in (
            ("side_legs", losers.worse_side_legs, side),
            ("movements", losers.worse, losers.movements),
        ):
            if worse:
                found.append(t(f"verdict.{key}", count=len(worse), all=len(every)))
        return found

    def more(self) -> list[str]:
        """What stands below the verdict."""
        report, t = self._report, self._texts
        found = [
            t(
                "verdict.limit",
                name=t(f"limit.{name}"),
                mean=t.number(row["mean"], 2),
                limit=t.number(row["limit"], 2),
            )
            for name, row in report.summary["limits_exceeded"].items()
        ]
        delay = report.change("delay_s_per_veh")
        if delay is not None and delay.low is not None:
            found.append(
                t(
                    "verdict.interval",
                    confidence=self.confidence,
                    low=self.figure(delay, "low"),
                    high=self.figure(delay, "high"),
                )
            )
        if report.benefit is not None:
            found.append(self.benefit_sentence())
        found.append(
            t("verdict.changed", changed=report.signals_changed, all=len(report.junctions))
        )
        return found

    def benefit_sentence(self) -> str:
        """What the change is worth in a year."""
        if self._report.benefit is None:
            return self._texts("benefit.none")
        total = self._report.benefit.total
        return self._texts(
            "verdict.money",
            money=self.money(total.money),
            low=self.money(total.low),
            high=self.money(total.high),
            currency=self._report.benefit.prices.currency,
            confidence=self.confidence,
        )

    def money(self, value: float) -> str:
        """An amount of money, to the unit."""
        return self._texts.number(value, 0, signed=True)

    def amount(self, share: Share) -> str:
        """What is saved, with its unit; nothing for the total."""
        if share.amount is None:
            return ""
        number = self._texts.number(share.amount, 1 if share.kind == "co2" else 0)
        return self._texts(f"benefit.{AMOUNTS[share.kind]}", amount=number)

    def assumptions(self) -> list[str]:
        """What the benefit rests on."""
        found, t = self._report.benefit, self._texts
        if found is None:
            return []
        prices = found.prices
        lines = [
            t(
                "benefit.hours",
                hours=t.number(found.hours_per_year, 0),
                window=t.number(found.window_s / 3600, 2),
            )
        ]
        for key, price in (
            ("time_price", prices.value_of_time_per_h),
            ("fuel_price", prices.fuel_price_per_l),
            ("co2_price", prices.co2_price_per_t),
        ):
            lines.append(t(f"benefit.{key}", price=t.number(price, 2), currency=prices.currency))
        classes = t("comma").join(
            f"{self.vehicle_class(name)} {t.number(persons, 1)}"
            for name, persons in found.occupancy.items()
            if name != ON_FOOT
        )
        lines.append(t("benefit.occupancy", classes=classes))
        return lines

    def losers(self) -> list[str]:
        """Counts of who gains and who loses."""
        losers, t = self._report.losers, self._texts
        worse, better = len(losers.worse), len(losers.better)
        every = len(losers.movements)
        unclear = every - worse - better
        lines = [t("losers.counts", all=every, worse=worse, better=better, unclear=unclear)]
        if {"side", "main"} <= losers.roads.keys():
            lines.append(
                t(
                    "losers.roads",
                    **{
                        f"{road}_{name}": text
                        for road, change in losers.roads.items()
                        for name, text in (
                            ("before", self.figure(change, "before")),
                            ("after", self.figure(change, "after")),
                            ("percent", t.percent(change.relative)),
                        )
                    },
                )
            )
        worst = self._report.change("worst_trips_delay_s")
        if worst is not None:
            lines.append(
                t(
                    "losers.worst",
                    before=self.figure(worst, "before"),
                    after=self.figure(worst, "after"),
                    percent=t.percent(worst.relative),
                )
            )
        return lines

    def junction(self, junction: Junction) -> str:
        """A junction in one line."""
        change, t = junction.change, self._texts
        before, after = junction.hcm_before or {}, junction.hcm_after or {}
        return t(
            "junction.delay",
            before=t.number(None) if change is None else self.figure(change, "before"),
            after=t.number(None) if change is None else self.figure(change, "after"),
            percent=t.percent(None if change is None else change.relative),
            vc_before=t.number(before.get("degree_of_saturation"), 2),
            vc_after=t.number(after.get("degree_of_saturation"), 2),
            los_before=before.get("level_of_service") or t.number(None),
            los_after=after.get("level_of_service") or t.number(None),
        )

    def place(self, place: Place) -> str:
        """A movement or a leg as a driver would name it."""
        t = self._texts
        parts = [t(f"bound.{place.bound}")] if place.bound else []
        if place.turn:
            parts.append(t(f"turn.{place.turn}"))
        text = " ".join(parts) or place.from_edge
        return f"{text} ({place.street})" if place.street else text

    def edges(self, place: Place) -> str:
        """The edges of a movement or a leg, by which files know it."""
        return f"{place.from_edge} → {place.to_edge}" if place.to_edge else place.from_edge

    def vehicle_class(self, name: str) -> str:
        """A vehicle class; SUMO's own name where there is no better one."""
        key = f"class.{name}"
        return self._texts(key) if key in self._texts.catalogue else name

    def window(self) -> str:
        """The window as times of day."""
        return self._texts(
            "window", begin=clock(self._report.begin_s), end=clock(self._report.end_s)
        )


def clock(time_s: float) -> str:
    """A time of day, seconds only where they are needed.

    Examples
    --------
    >>> clock(25200), clock(25230)
    ('07:00', '07:00:30')
    """
    minutes, seconds = divmod(round(time_s), 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text
