"""Whatever marking a case has reached, what is left of it can be planned."""

import random
from datetime import date

import pytest

from jiedian.cases.forecast.calc.plan import plan
from jiedian.core.workdays import Calendar
from jiedian.ground.rulebook.services import RULES
from jiedian.process import engine
from jiedian.process.calc.bpmn import graph_of
from jiedian.process.calc.flow import steps_before, straight, way
from jiedian.process.rows import steps
from tests.process.test_walk import YES_NO, compiled, gateway_data, outcomes

START = date(2025, 9, 1)
DAYS = Calendar.of((date.fromordinal(START.toordinal() + n), True) for n in range(-10, 900))
WAYS = {
    "residential": gateway_data(grid_works=YES_NO),
    "low_voltage": gateway_data(three_zero=YES_NO, fee=YES_NO, grid_works=YES_NO, customer_works=YES_NO),
    "distributed": gateway_data(access_letter=YES_NO, grid_works=YES_NO),
    "high_voltage": gateway_data(sources=["single", "dual"], review=YES_NO, fee=YES_NO, grid_works=YES_NO),
}


@pytest.mark.parametrize(("key", "index"), [(key, i) for key, held in WAYS.items() for i in range(len(held))])
def test_at_every_marking_what_is_left_has_an_order(key: str, index: int) -> None:
    """Walks with every inspection failed once and the scheme sent back; done steps are left out of the plan."""
    facts, dice = WAYS[key][index], random.Random(index)
    graph = straight(graph_of((RULES / f"process/{key}/process.bpmn").read_bytes()))
    arrows = [(flow.source, flow.target) for flow in graph.flows]
    codes = {code for code in way(graph, facts).before if graph.nodes[code].is_step}
    spec = compiled(key).spec
    tokens, open_now = engine.begin(spec, facts)
    done: set[str] = set()
    rectified: frozenset[str] = frozenset()
    while open_now:
        held = {token.code for token in open_now}
        left = codes - (done - held)
        made = plan(
            {code: steps()[code].typical_wd for code in left},
            steps_before(arrows, left),
            start_on=START,
            needed_on=None,
            calendar=DAYS,
        )
        assert {step.code for step in made.steps} == left
        token = dice.choice(open_now)
        outcome = outcomes(token.code, rectified)[-1]
        rectified |= {token.code} if outcome else set()
        tokens, open_now = engine.advance(spec, tokens, task_uid=token.task_uid, outcome=outcome)
        done.add(token.code)
    assert codes <= done
