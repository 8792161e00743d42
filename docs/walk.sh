#!/usr/bin/env bash
# A stranger's walk: from nothing but the README to a report on a .sumocfg, in three commands.
#
#     docs/walk.sh PATH/TO/your.sumocfg [FOLDER]
#
# Runs in a clean environment in FOLDER (default: walk, in the current folder). Nothing of the
# machine is used but Python >= 3.11 with pip: SUMO itself comes from PyPI. Ends with 0 if there is a
# report; a running plan that nothing beats is a result as well.
set -euo pipefail
sumocfg=$(realpath "${1:?name a .sumocfg}")
[ -f "$sumocfg" ] || { echo "$sumocfg is no file; name a .sumocfg" >&2; exit 2; }
folder=${2:-walk}
checkout=$(realpath "$(dirname "$0")/..")

mkdir -p "$folder"
cd "$folder"
"${PYTHON:-python3}" -m venv venv
PATH="$PWD/venv/bin:$PATH"
unset PYTHONPATH
start=$SECONDS

pip install --quiet "$checkout"                                          # 1
code=0
signalopt optimise "$sumocfg" --evaluations "${EVALUATIONS:-12}" -o run || code=$?   # 2
[ "$code" -eq 0 ] || [ "$code" -eq 5 ]  # 5: nothing was proven better, the running plan is kept
signalopt report run --format md -o report.md                            # 3

test -s run/report.html
sed -n 1,12p report.md
echo "report: $PWD/run/report.html and report.md, $((SECONDS - start)) s"
