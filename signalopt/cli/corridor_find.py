"""``signalopt corridor find``: the corridors of a network, ranked."""

from __future__ import annotations

from typing import Any

import click

from signalopt.cli.options import choice, json_option, scenario_options
from signalopt.cli.output import counted, print_json, print_table, records
from signalopt.cli.verbs import workflow


@click.command("find")
@scenario_options
@click.option(
    "--min-through",
    "min_through_vph",
    type=click.FloatRange(min=0),
    default=50.0,
    show_default=True,
    help="Straight traffic that neighbours must share, both ways [veh/h].",
)
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="Rows to show."
)
@json_option
def command(
    *,
    min_through_vph: float,
    top: int,
    as_json: bool,
    **params: Any,  # noqa: ANN401 (click passes options of many types)
) -> None:
    """Find a network's corridors and rank them.

    They are ranked by the traffic that goes straight on from signal to signal
    and arrives in platoons, summed over their links. No demand, no corridor.

    \b
    Examples:
      signalopt corridor find scenarios/city
      signalopt corridor find their.sumocfg --min-through 200 --json
    """
    scenario = choice(params).load()
    found = workflow.find_corridors(scenario, min_through_vph=min_through_vph)
    if as_json:
        print_json({"corridors": records(found.ranking), "pairs": records(found.pairs)})
        return
    ranking = found.ranking.head(top)
    print_table(
        f"{scenario.name}: {counted(len(found.corridors), 'corridor')}",
        ["", "corridor", "from, to", "signals", "\nm", "along\nveh/h", "platoon\nveh/h",
         "coupling\nindex"],
        [
            (
                str(rank),
                row["name"],
                f"{row['signal_ids'][0]} {'↔' if row['two_way'] else '→'} {row['signal_ids'][-1]}",
                row["signals"],
                round(row["length_m"]),
                round(row["through_vph"]),
                round(row["platoon_vph"]),
                f"{row['coupling_index']:.1f}",
            )
            for rank, row in ranking.to_dict("index").items()
        ],
        left=(1, 2),
        wrap=(1, 2),
    )  # fmt: skip
    if len(ranking) < len(found.corridors):
        click.echo(f"... and {len(found.corridors) - len(ranking)} more; see --top\n")
