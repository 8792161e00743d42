"""Changing a SUMO network: netconvert applies parts in plain XML to it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import sumolib

from signalopt.errors import InputError
from signalopt.io.files import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS = {
    "nodes": "--node-files",
    "edges": "--edge-files",
    "connections": "--connection-files",
    "types": "--type-files",
}
"""Kinds of parts, named by their root element, with netconvert's option."""
_KEPT = (
    *("--offset.disable-normalization", "true", "--no-turnarounds", "true"),
    *("--tls.no-mixed", "true", "--no-warnings", "true"),
)
_TIME_LIMIT_S = 600
_HEADER = re.compile(r"<!--.*?-->\s*", flags=re.DOTALL)


def convert(
    network: Path, parts: Mapping[str, str], target: Path, *, new_programs: bool = False
) -> None:
    """Write a network with some parts added, changed or deleted.

    Parameters
    ----------
    network
        SUMO's network.
    parts
        Elements in netconvert's plain XML by kind, see `PARTS`: ``<edge id="e" numLanes="3"/>``
        changes an edge, ``<delete id="e"/>`` takes it away.
    target
        The file written; the same parts give the same file.
    new_programs
        Let netconvert guess the programs of all signals anew.

    Raises
    ------
    InputError
        If netconvert refuses; with its own words.
    """
    with tempfile.TemporaryDirectory(prefix="signalopt-") as scratch:
        built = Path(scratch) / "built.net.xml"
        command = [sumolib.checkBinary("netconvert"), "-s", str(network.absolute())]
        for kind, body in parts.items():
            file = Path(scratch) / f"part.{kind}.xml"
            file.write_text(f"<{kind}>{body}</{kind}>", encoding="utf-8")
            command += [PARTS[kind], str(file)]
        command += [*_KEPT, "-o", str(built)]
        if new_programs:
            command += ["--tls.rebuild", "true"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_TIME_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise InputError(
                f"netconvert needs more than {_TIME_LIMIT_S} s for {network}; change the network "
                "beforehand"
            ) from error
        if done.returncode or not built.exists():
            said = [x.removeprefix("Error: ") for x in done.stderr.splitlines() if "Error" in x]
            words = said[0] if said else f"exit code {done.returncode}"
            raise InputError(
                f"network {network} cannot be changed so: {words.rstrip(' .;')}; correct the parts"
            )
        text = built.read_text(encoding="utf-8")
    write_text(target, _HEADER.sub("", text, count=1))  # it names the time and this machine
