"""Who may ask the server what: its own page only, and nothing beyond the page."""

import json
import re

import pytest

from signalopt.io.plan_json import read_plan_json
from signalopt.io.sumo_plan import read_programs
from signalopt.workbench.app import make_app
from signalopt.workbench.bench import Workbench
from signalopt.workbench.history import History
from signalopt.workbench.security import MOST_BYTES, Keys

PORT = 8123
HOST = f"127.0.0.1:{PORT}"
KEYS = Keys(token="right-token", session="right-session")
ROUTES = (
    "/",
    "/_dash-layout",
    "/_dash-dependencies",
    "/_favicon.ico",
    "/assets/workbench.css",
    "/assets/workbench.js",
    "/export/plan.json",
    "/export/plan.add.xml",
    "/export/timing.csv",
    "/_dash-component-suites/dash/deps/react@18.3.1.min.js",
    "/no/such/place",
)
COOKIE = f"signalopt-{PORT}=right-session"


@pytest.fixture(scope="module")
def locked_door(scenario):
    """Asks a server of which nothing may change."""
    with Workbench(scenario, workers=1) as bench:
        yield asking(bench)


@pytest.fixture
def ask(bench):
    return asking(bench)


def asking(bench):
    """Ask as the page does, unless told otherwise."""
    client = make_app(bench, KEYS, PORT).test_client(use_cookies=False)

    def get(path, *, method="GET", cookie=COOKIE, host=HOST, **more):
        headers = {
            "Host": host,
            **({"Cookie": cookie} if cookie else {}),
            **more.pop("headers", {}),
        }
        return client.open(path, method=method, headers=headers, buffered=True, **more)

    return get


def test_the_token_opens_the_page_and_leaves_the_address(locked_door):
    answer = locked_door("/?token=right-token", cookie=None)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "right-token" not in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=wrong", "?token=right-toke", "?token=é%ff"]
)
def test_without_the_token_nothing_is_shown(locked_door, query):
    for path in ROUTES:
        answer = locked_door(path + query, cookie=None)
        assert answer.status_code == 403, path
        assert b"J1" not in answer.data


@pytest.mark.parametrize("cookie", [f"signalopt-{PORT}=wrong", "signalopt-1=right-session", "é=1"])
def test_another_cookie_opens_nothing(locked_door, cookie):
    for path in ROUTES:
        assert locked_door(path, cookie=cookie).status_code == 403, path


def test_the_token_opens_the_page_only(locked_door):
    assert locked_door("/export/plan.json?token=right-token", cookie=None).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        "127.0.0.1:1",
        f"127.0.0.1:{PORT}.evil",
        "",
    ],
)
def test_another_host_is_refused_everywhere(locked_door, host):
    for path in (*ROUTES, "/?token=right-token"):
        assert locked_door(path, host=host).status_code == 403, path


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{HOST}"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_origin_is_refused_everywhere(locked_door, headers):
    for path in (*ROUTES, "/_dash-update-component", "/?token=right-token"):
        assert locked_door(path, headers=headers).status_code == 403, path
        assert locked_door(path, method="POST", headers=headers).status_code == 403, path


def test_the_page_itself_is_served(locked_door):
    own = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
    for path in ROUTES[:-1]:
        answer = locked_door(path, headers=own)
        assert answer.status_code == 200, path
    assert locked_door("/", host=f"localhost:{PORT}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../../../etc/passwd",
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/assets/%2e%2e/app.py",
        "/assets/..%5capp.py",
        "/assets//etc/passwd",
        "/assets/%00",
        "/export/../plan.json",
        "/export/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/export//etc/passwd",
        "/export/plan.json/..",
        "/export/street.net.xml",
        "/_dash-component-suites/dash/../../../etc/passwd",
        "/_dash-component-suites/dash/..%2f..%2fpyproject.toml",
        "/_dash-component-suites/signalopt/workbench/app.py",
        "/_dash-component-suites/os/path.py",
        "/static/../app.py",
        "/anything",
    ],
)
def test_nothing_else_can_be_read(locked_door, path):
    """Neither by climbing nor by naming: no file of this machine, not even of the scenario."""
    answer = locked_door(path)
    assert answer.status_code >= 400
    assert not re.search(rb"root:|import|tlLogic", answer.data)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(locked_door, method):
    assert locked_door("/", method=method).status_code == 405


def test_too_long_a_message_is_refused(locked_door):
    body = b"x" * (MOST_BYTES + 1)
    answer = locked_door(
        "/_dash-update-component", method="POST", data=body, content_type="application/json"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [*ROUTES, "/?token=wrong"])
def test_every_answer_keeps_the_page_to_itself(locked_door, path):
    headers = locked_door(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    scripts = re.search(r"script-src ([^;]*)", policy)[1]
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_nothing_comes_from_elsewhere(locked_door):
    page = locked_door("/").get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert loaded
    assert all(path.startswith("/") and not path.startswith("//") for path in loaded)


def test_secrets_are_long_new_and_not_printed():
    one, other = Keys(), Keys()
    assert len({one.token, one.session, other.token, other.session}) == 4
    assert min(map(len, (one.token, one.session))) >= 43
    assert one.token not in repr(one)


def test_the_plan_can_be_downloaded_and_read_again(ask, bench, tmp_path):
    bench.edit("offset", 21, signal_id="J1")
    answer = ask("/export/plan.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plan.json"'
    path = tmp_path / "plan.json"
    path.write_bytes(answer.data)
    assert {p.signal_id: p.offset_s for p in read_plan_json(path)}["J1"] == 21
    path = tmp_path / "plan.add.xml"
    path.write_bytes(ask("/export/plan.add.xml").data)
    widths = {s: x.group_count for s, x in bench.scenario.network.signals.items()}
    found = read_programs([path], widths).plans["J1"]
    shown = bench.shown("J1")
    assert [found.lights_at(t) for t in range(180)] == [shown.lights_at(t) for t in range(180)]


def test_a_plan_that_is_not_safe_cannot_be_downloaded(ask, bench):
    unsafe = bench.shown("J1").with_timing([1] * len(bench.shown("J1").stages), 0)
    bench.history = History(present=bench.plan.with_plans([unsafe]))
    answer = ask("/export/plan.json")
    assert answer.status_code == 409
    assert answer.get_data(as_text=True).startswith("unsafe plan: ")


def test_the_timing_sheet_holds_every_stage(ask, bench):
    rows = ask("/export/timing.csv").get_data(as_text=True).splitlines()
    assert len(rows) == 1 + sum(len(p.stages) for p in bench.plan.plans.values())
    shown = bench.shown("J1")
    first = rows[1].split(",")
    assert first[:4] == ["J1", str(shown.cycle_s), str(shown.offset_s), "1"]
    assert int(first[-1]) == shown.splits_s[0]


class Page:
    """Sends what the page sends."""

    def __init__(self, ask):
        self._ask = ask
        rows = ask("/_dash-dependencies").get_json()
        self._by_input = {(r["inputs"][0]["id"], len(r["inputs"])): r for r in rows}

    def send(self, row, inputs, changed, state=()):
        outs = [o.rpartition(".") for o in row["output"].strip(".").split("...")]
        body = {
            "output": row["output"],
            "outputs": [{"id": name, "property": what} for name, _, what in outs],
            "inputs": inputs,
            "changedPropIds": [changed],
            "state": list(state),
        }
        return self._ask(
            "/_dash-update-component",
            method="POST",
            json=body,
            headers={"Origin": f"http://{HOST}"},
        )

    def edit(self, note):
        row = self._by_input["edit", 1]
        given = [{"id": "edit", "property": "data", "value": note}]
        return self.send(row, given, "edit.data")


@pytest.fixture
def page_of(ask):
    return Page(ask)


def test_an_edit_answers_with_new_figures(page_of, bench):
    note = {"kind": "offset", "stage": 0, "value": 30, "signal": "J1", "tab": "a", "number": 1}
    answer = page_of.edit(note).get_json()["response"]
    assert bench.shown("J1").offset_s == 30
    told = json.dumps(answer["figures"])
    assert f"{bench.figures().delay_s_per_veh:.1f}" in told
    assert answer["answer"]["data"]["number"] == 1
    assert not answer["answer"]["data"]["refused"]
    assert answer["undo"]["disabled"] is False


def test_a_stale_edit_changes_nothing_and_says_so_at_once(page_of, bench):
    note = {"kind": "offset", "stage": 0, "value": 30, "signal": "J1", "tab": "a", "number": 5}
    page_of.edit(note)
    late = page_of.edit({**note, "value": 2, "number": 4}).get_json()["response"]
    assert bench.shown("J1").offset_s == 30
    assert late == {"answer": {"data": {"number": 4, "controls": []}}}


@pytest.mark.parametrize(
    "change",
    [
        {"value": 10_000},
        {"value": "$(touch x)"},
        {"value": {"a": 1}},
        {"kind": "__class__"},
        {"signal": "../../etc/passwd"},
        {"kind": "split", "value": 1},
        {"stage": -3, "kind": "split"},
    ],
    ids=str,
)
def test_an_impossible_edit_is_refused_with_one_sentence(page_of, bench, scenario, change):
    note = {"kind": "offset", "stage": 0, "value": 30, "signal": "J1", "tab": "a", "number": 1}
    answer = page_of.edit({**note, **change}).get_json()["response"]
    assert bench.plan is scenario.plan
    assert answer["answer"]["data"]["refused"]
    assert answer["message"]["children"].endswith(".")
    offset = answer["answer"]["data"]["controls"][0]
    assert offset["value"] == bench.shown("J1").offset_s


@pytest.mark.parametrize(
    "note", [None, 3, [], {}, {"tab": 1, "number": 1}, {"tab": "x" * 99}], ids=str
)
def test_a_message_that_is_none_changes_nothing(page_of, bench, scenario, note):
    assert page_of.edit(note).status_code == 200
    assert bench.plan is scenario.plan
