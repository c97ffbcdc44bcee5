"""Every marking a case can reach is saved, restored, and still finds its way to the end."""

import itertools
import json
import random
from collections.abc import Iterator

import pytest

from jiedian.core.findings import Refused
from jiedian.ground.rulebook.services import RULES
from jiedian.process import engine
from jiedian.process.steps import doing

BACK = {"rectify", "another", "refused"}
"""What sends a case back."""


def results(code: str) -> tuple[str, list[str]] | None:
    """The variable of a step that may send a case back, with what it may say, the good first; nothing for any other."""
    for name, values in doing(code).outcomes.items():
        if BACK & set(values):
            return name, sorted(values, key=lambda value: value in BACK)
    return None


def compiled(key: str) -> engine.Compiled:
    return engine.compile_definition((RULES / f"process/{key}/process.bpmn").read_bytes())


def outcomes(code: str, rectified: frozenset[str]) -> list[dict[str, str]]:
    """Pass, and once for each inspection also fail; a scheme may be sent back once."""
    found = results(code)
    if found is None:
        return [{}]
    name, values = found
    return [{name: value} for value in (values[:1] if code in rectified else values)]


def finish(spec: str, tokens: str, open_now: list[engine.Token]) -> int:
    """Go straight to the end; every move restores from text first."""
    moves = 0
    while open_now:
        token = open_now[0]
        outcome = outcomes(token.code, frozenset({token.code}))[0]
        tokens, open_now = engine.advance(spec, tokens, task_uid=token.task_uid, outcome=outcome)
        moves += 1
        assert moves < 60, "a case goes round for ever"
    return moves


def gateway_data(**options: list[str]) -> list[dict[str, str]]:
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


YES_NO = ["yes", "no"]


@pytest.mark.parametrize("data", gateway_data(grid_works=YES_NO))
def test_every_residential_marking_reaches_the_end(data: dict[str, str]) -> None:
    assert walk_all(compiled("residential").spec, data) >= 6


@pytest.mark.parametrize(
    "data", gateway_data(three_zero=YES_NO, fee=["no"], grid_works=["no"], customer_works=YES_NO)
)
def test_every_low_voltage_marking_reaches_the_end(data: dict[str, str]) -> None:
    assert walk_all(compiled("low_voltage").spec, data) >= 8


LOW = gateway_data(three_zero=YES_NO, fee=YES_NO, grid_works=YES_NO, customer_works=YES_NO)
MANY = [data for data in LOW if data["fee"] == data["customer_works"] == "yes"]
"""So many branches at once that their markings go into the thousands: drawn by seeds, like high voltage."""


@pytest.mark.parametrize("data", [data for data in LOW if data not in MANY])
def test_no_low_voltage_marking_is_a_dead_end(data: dict[str, str]) -> None:
    """Fees and grid works beside the rest: every marking leads to another one, and only a call-back to the end."""
    assert sum(1 for _ in markings(compiled("low_voltage").spec, data)) >= 8


@pytest.mark.parametrize("data", MANY)
@pytest.mark.parametrize("seed", range(2))
def test_low_voltage_with_many_branches_open_reaches_the_end(data: dict[str, str], seed: int) -> None:
    done = interleave(compiled("low_voltage").spec, data, seed=seed)
    assert {"FEE_COLLECT", "CONTRACT_SIGN", "METER_INSTALL", "CUSTOMER_WORKS"} <= set(done)
    assert ("GRID_WORKS" in done) == (data["grid_works"] == "yes")
    assert done[-3:] == ["ENERGISE", "ARCHIVE", "CALLBACK"]


def walk_all(spec: str, data: dict[str, str]) -> int:
    """From each marking a case can reach straight to the end."""
    held = list(markings(spec, data))
    for tokens, open_now in held:
        finish(spec, tokens, open_now)
    return len(held)


def markings(spec: str, data: dict[str, str]) -> Iterator[tuple[str, list[engine.Token]]]:
    """Each marking once: what is open, and which inspections have failed already. Every move restores from text."""
    start, open_now = engine.begin(spec, data)
    seen: set[tuple[frozenset[str], frozenset[str]]] = set()
    todo = [(start, open_now, frozenset[str]())]
    while todo:
        tokens, open_now, rectified = todo.pop()
        marking = (frozenset(t.code for t in open_now), rectified)
        if marking in seen:
            continue
        seen.add(marking)
        yield tokens, open_now
        for token in open_now:
            for outcome in outcomes(token.code, rectified):
                after, then = engine.advance(spec, tokens, task_uid=token.task_uid, outcome=outcome)
                assert then or token.code == "CALLBACK", f"nothing follows {token.code}"
                failed = rectified | {token.code} if BACK & set(outcome.values()) else rectified
                todo.append((after, then, failed))


HIGH = gateway_data(
    sources=["single", "dual"], open_capacity=YES_NO, review=YES_NO, fee=YES_NO, grid_works=YES_NO
)


@pytest.mark.parametrize("index", range(len(HIGH)))
def test_high_voltage_interleavings_reach_the_end(index: int) -> None:
    done = interleave(compiled("high_voltage").spec, HIGH[index], seed=index)
    assert ("DESIGN_REVIEW" in done) == ("MID_INSPECTION" in done) == (HIGH[index]["review"] == "yes")
    assert ("COUNTERSIGN" in done) == (
        HIGH[index]["sources"] == "dual" or HIGH[index]["open_capacity"] == "no"
    )
    assert done[-3:] == ["ENERGISE", "ARCHIVE", "CALLBACK"]


def interleave(spec: str, data: dict[str, str], *, seed: int) -> list[str]:
    """One way through, drawn by a seed; from each marking on it also straight to the end. What was done, in order."""
    dice = random.Random(seed)
    tokens, open_now = engine.begin(spec, data)
    rectified: frozenset[str] = frozenset()
    done: list[str] = []
    while open_now:
        token = dice.choice(open_now)
        if "ENERGISE" in {t.code for t in open_now}:
            assert len(open_now) == 1, "energising waits for every branch"
        outcome = dice.choice(outcomes(token.code, rectified))
        if BACK & set(outcome.values()):
            rectified |= {token.code}
        tokens, open_now = engine.advance(spec, tokens, task_uid=token.task_uid, outcome=outcome)
        done.append(token.code)
        finish(spec, tokens, open_now)
    return done


GOOD = (RULES / "process/residential/process.bpmn").read_text()


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (GOOD.replace("</bpmn:process>", '<bpmn:scriptTask id="x" /></bpmn:process>'), "process.element"),
        (GOOD.replace("grid_works == 'yes'", "__import__('os').system('id')"), "process.condition"),
        (GOOD.replace('bpmnElement="ACCEPT"', 'bpmnElement="nowhere"'), "process.diagram"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + GOOD.split("?>", 1)[1], "process.doctype"),
        ("<not-xml", "process.xml"),
        ("<a/>", "process.steps"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(broken: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        engine.compile_definition(broken.encode())
    assert code in {finding.code for finding in refusal.value.findings}


def test_moving_tokens_leaves_the_spec_that_all_runs_share_as_it_was() -> None:
    spec = compiled("high_voltage").spec
    shared = engine._spec_of(spec)

    def told() -> dict[str, dict[str, str]]:
        return {
            name: {key: repr(value) for key, value in vars(task).items()}
            for name, task in shared.task_specs.items()
        }

    before = told()
    interleave(spec, HIGH[0], seed=0)
    assert engine._spec_of(spec) is shared and told() == before
    assert json.loads(spec) == json.loads(json.dumps(engine._SERIALIZER.registry.convert(shared)))
