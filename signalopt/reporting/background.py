"""How a run's figures came about, in sentences of one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalopt.reporting.report import Report
    from signalopt.reporting.texts import Texts


class Background:
    """Says how the plan was found, by which method it was judged, and where it comes from.

    Parameters
    ----------
    report, texts
        What to say, and in which language.
    """

    def __init__(self, report: Report, texts: Texts) -> None:
        self._report = report
        self._texts = texts

    def provenance(self) -> list[tuple[str, str]]:
        """Versions, seeds and hashes by name."""
        summary, t = self._report.summary, self._texts
        own: Mapping[str, Any] = summary["provenance"]
        rows = [
            (t("method.seed"), str(own.get("seed", ""))),
            (t("method.search_seeds"), _seeds(own.get("search_seeds", ()))),
            (t("method.seeds"), _seeds(own.get("proof_seeds", ()))),
            (t("method.runtime"), str(own.get("runtime_s", ""))),
        ]
        if summary["before"] is None:
            return rows
        before, after = (summary[side]["provenance"] for side in ("before", "after"))
        rows += [
            (t(f"method.{key}"), str(before[name]))
            for key, name in (
                ("version", "signalopt_version"),
                ("sumo", "sumo_version"),
                ("python", "python_version"),
                ("platform", "platform"),
                ("engine", "engine"),
                ("warm_up", "warm_up_s"),
            )
            if name in before
        ]
        rows += [
            (t("method.files", file=file.rsplit("/", 1)[-1]), digest)
            for file, digest in before.get("files_sha256", {}).items()
        ]
        rows += [
            (t(f"method.plan_{side}"), found["plan_sha256"])
            for side, found in (("before", before), ("after", after))
            if "plan_sha256" in found
        ]
        return rows

    def model(self) -> list[str]:
        """What the queue model said, and what a more lenient policy on turns would gain."""
        summary, t = self._report.summary, self._texts
        agreement, leniency = summary["model_agreement"], summary["leniency"]
        lines = []
        if agreement is None:
            lines.append(t("search.no_model"))
        else:
            promised, kept = t.percent(-agreement["promised"]), t.percent(-agreement["kept"])
            lines.append(t("search.agreement", promised=promised, kept=kept))
            if agreement["rank_correlation"] is not None:
                rank = t.number(agreement["rank_correlation"], 2)
                lines.append(t("search.rank", plans=agreement["plans"], rank=rank))
        if leniency is None:
            lines.append(t("search.no_leniency"))
        else:
            turns = "; ".join(
                f"{row['signal_id']}: {row['from_edge']} → {row['to_edge']}"
                for row in leniency["movements"]
            )
            delay = t.number(leniency["delay_s_per_veh"], 1)
            lines.append(t("search.leniency", turns=leniency["turns"], delay=delay) + " " + turns)
        return lines

    def method(self) -> list[str]:
        """How the figures came about."""
        t = self._texts
        confidence = t.percent(self._report.confidence, 0).lstrip("+")
        intervals = [t("method.intervals", confidence=confidence)] if self._report.compared else []
        return [
            t("method.proof"),
            t("method.delay"),
            *intervals,
            t("method.objective", objective=self.objective()),
            t("method.safety"),
        ]

    def objective(self) -> str:
        """What was minimised, by the names of the scenario file."""
        weights = self._report.summary["objective"]
        return ", ".join(f"{name} = {value}" for name, value in weights.items() if value)


def _seeds(seeds: Any) -> str:  # noqa: ANN401 (a list from JSON)
    numbers = list(seeds)
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} … {numbers[-1]}"
    return ", ".join(map(str, numbers))
