"""Plans as JSON: the same again after reading, and every contradiction named."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from signalopt.errors import InputError
from signalopt.io.plan_json import plans_from_json, plans_to_json, read_plan_json
from signalopt.model.control import Aspect, Interval, Stage, Transition
from signalopt.model.plan import SignalPlan


@st.composite
def random_plans(draw, signal_id="J"):
    width = draw(st.integers(1, 6))
    lights = st.tuples(*[st.sampled_from(list(Aspect))] * width)
    seconds = st.integers(1, 90)
    limit = st.none() | st.integers(0, 120)
    stages, transitions = [], []
    for _ in range(draw(st.integers(1, 5))):
        stages.append(
            Stage(
                lights=draw(lights),
                green_s=draw(seconds),
                min_green_s=draw(limit),
                max_green_s=draw(limit),
                name=draw(st.text(max_size=8)),
            )
        )
        steps = draw(st.lists(st.tuples(seconds, lights), max_size=4))
        transitions.append(
            Transition(intervals=tuple(Interval(duration_s=d, lights=x) for d, x in steps))
        )
    cycle_s = sum(s.green_s for s in stages) + sum(t.duration_s for t in transitions)
    return SignalPlan(
        signal_id=signal_id,
        program_id=draw(st.text(max_size=8)),
        offset_s=draw(st.integers(0, cycle_s - 1)),
        source_offset_s=draw(st.integers(-100, 100)),
        stages=tuple(stages),
        transitions=tuple(transitions),
    )


@given(random_plans(), random_plans(signal_id="Größe 2"))
def test_plans_are_the_same_after_writing_and_reading(one, other):
    assert plans_from_json(plans_to_json([one, other])) == [one, other]


def test_bundled_plans_are_the_same_after_writing_and_reading(bundled, write):
    plans = list(bundled.plans.plans.values())
    assert plans
    path = write("plan.json", plans_to_json(plans))
    assert read_plan_json(path) == plans


def test_document_says_what_it_is():
    document = json.loads(plans_to_json([]))
    assert document == {
        "format": "signalopt plan",
        "version": 1,
        "offset_reference": "start of the first stage",
        "plans": [],
    }


def document(**changes):
    stage = {"lights": "Gr", "green_s": 20, "transition": [{"duration_s": 3, "lights": "yr"}]}
    plan = {"signal_id": "J", "program_id": "p", "cycle_s": 23, "offset_s": 5, "stages": [stage]}
    whole = {
        "format": "signalopt plan",
        "version": 1,
        "offset_reference": "start of the first stage",
        "plans": [plan],
    }
    for place, value in changes.items():
        target = whole
        *way, last = place.split("__")
        for key in way:
            target = target[int(key) if key.isdigit() else key]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return whole


def test_valid_document():
    (plan,) = plans_from_json(json.dumps(document()))
    assert (plan.signal_id, plan.cycle_s, plan.offset_s, plan.greens_s) == ("J", 23, 5, (20,))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "key 'version' is 2; input should be 1"),
        ({"format": "other"}, "key 'format' is 'other'; input should be 'signalopt plan'"),
        (
            {"offset_reference": "end of green"},
            "key 'offset_reference' is 'end of green'; input should be 'start of the first stage'",
        ),
        ({"colour": "red"}, "key 'colour' is unknown; remove it"),
        ({"plans__0__colour": "red"}, "key 'plans.0.colour' is unknown; remove it"),
        ({"plans__0__signal_id": None}, "key 'plans.0.signal_id' is missing; add it"),
        ({"plans__0__stages": []}, "key 'plans.0.stages' is []; list should have at least 1 item"),
        (
            {"plans__0__stages__0__green_s": 2.5},
            "key 'plans.0.stages.0.green_s' is 2.5; input should be a valid integer",
        ),
        (
            {"plans__0__stages__0__green_s": 0},
            "key 'plans.0.stages.0.green_s' is 0; input should be greater than or equal to 1",
        ),
        (
            {"plans__0__stages__0__lights": "Gx"},
            "key 'plans.0.stages.0.lights' is 'Gx'; string should match pattern '^[ruyYgGsoO]+$'",
        ),
        (
            {"plans__0__offset_s": 23},
            "the plan of J has offset 23 s; it must be whole and in [0, 23)",
        ),
        (
            {"plans__0__offset_s": -1},
            "key 'plans.0.offset_s' is -1; input should be greater than or equal to 0",
        ),
        (
            {"plans__0__cycle_s": 24},
            "signal 'J' states cycle_s 24, but its stages and transitions last 23 s; "
            "correct one of them",
        ),
        ({"plans__0__stages__0__lights": "Grr"}, "the plan of J mixes states for [2, 3] groups"),
        (
            {"plans": document()["plans"] * 2},
            "signal 'J' has more than one plan; keep one",
        ),
    ],
)
def test_broken_document_is_refused_in_one_sentence(write, changes, message):
    path = write("plan.json", json.dumps(document(**changes)))
    with pytest.raises(InputError) as caught:
        read_plan_json(path)
    assert str(caught.value).startswith(f"plan {path}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"format": "signalopt plan", "ver',
            "is not JSON (Unterminated string starting at: line 1 column 30 (char 29)); "
            "is it complete?",
        ),
        ("", "is not JSON (Expecting value: line 1 column 1 (char 0)); is it complete?"),
        (b"\xff\xfe{}", "is not UTF-8 text; save it as UTF-8"),
    ],
)
def test_truncated_or_other_files(write, text, message):
    path = write("plan.json", text)
    with pytest.raises(InputError) as caught:
        read_plan_json(path)
    assert str(caught.value) == f"plan {path} {message}"


def test_bottomless_document(write):
    path = write("plan.json", "[" * 100_000)
    with pytest.raises(InputError, match="is not JSON"):
        read_plan_json(path)


def test_a_list_is_no_plan(write):
    path = write("plan.json", "[]")
    with pytest.raises(InputError) as caught:
        read_plan_json(path)
    assert str(caught.value) == f"plan {path}: the document is []; it must be a table of keys"
