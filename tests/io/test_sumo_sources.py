"""Files of nothing but travellers count as demand, whichever option named them."""

import pytest

from signalopt.io.sumo_sources import demand_apart

ROUTE = '<route edges="a b"/>'
SORTED = f'<vehicle id="x" depart="1">{ROUTE}</vehicle><trip id="y" depart="2.5" from="a" to="b"/>'


@pytest.fixture
def write(tmp_path):
    def write(name, body):
        path = tmp_path / name
        path.write_text(f"<additional>{body}</additional>")
        return path

    return write


def test_sorted_travellers_follow_the_route_files(write):
    routes, stops = write("r.rou.xml", SORTED), write("s.add.xml", '<busStop id="s"/>')
    buses = write("b.rou.xml", SORTED)
    assert demand_apart([routes], [stops, buses]) == ((routes, buses), (stops,))


@pytest.mark.parametrize(
    "body",
    [
        "",
        f'<vType id="bus"/>{SORTED}',
        f'<vehicle id="x" depart="9">{ROUTE}</vehicle><vehicle id="y" depart="2">{ROUTE}</vehicle>',
        '<vehicle id="x" depart="1" route="named"/>',
        f'<vehicle id="x" depart="triggered">{ROUTE}</vehicle>',
        '<tlLogic id="J" programID="p" offset="0"/>',
    ],
)
def test_all_other_files_stay_where_they_are(write, body):
    path = write("a.add.xml", body)
    assert demand_apart([], [path]) == ((), (path,))
