"""Whatever ECS does, and whenever the process dies: each item ends once, and no task is doubled."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edactl.errors import AwsError, Throttled
from tests.task_map_world import (
    CAPACITY,
    ENDS,
    ON_SPOT,
    REQUEST,
    Answering,
    World,
    a_map,
    lost_answer,
)

ITEMS = 8


def _error() -> st.SearchStrategy[AwsError]:
    throttle = Throttled("Rate exceeded", code="ThrottlingException", operation="ecs:RunTask")
    return st.sampled_from([throttle, lost_answer()])


ANSWERS = st.lists(
    st.builds(
        Answering,
        ends=st.lists(st.sampled_from(sorted(ENDS)), max_size=5),
        failure=st.sampled_from(["", CAPACITY, "ATTRIBUTE"]),
        error=st.none() | _error(),
        shown=st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=250)
@example(
    answers=[Answering(["succeeds"] * 3, failure=CAPACITY)],
    deaths=[2],
    stop_at=None,
    spot=False,
    equal=True,
    keep=False,
    retries=0,
    parallel=8,
)
@given(
    answers=ANSWERS,
    deaths=st.lists(st.integers(1, 40), max_size=3),
    stop_at=st.none() | st.floats(0, 30),
    spot=st.booleans(),
    equal=st.booleans(),
    keep=st.booleans(),
    retries=st.integers(0, 2),
    parallel=st.integers(1, 10),
)
def test_each_item_ends_once_and_the_counts_balance(  # noqa: PLR0913, C901 -- all that may differ
    *,
    answers: list[Answering],
    deaths: list[int],
    stop_at: float | None,
    spot: bool,
    equal: bool,
    keep: bool,
    retries: int,
    parallel: int,
) -> None:
    world = World(answers=answers, stop_at=stop_at)
    ended: Counter[int] = Counter()
    item_of_task: dict[str, int] = {}

    def a_process(most_steps: int | None) -> bool:
        """Whether it came to its own end."""
        task_map = a_map(
            world,
            ITEMS,
            request=ON_SPOT if spot else REQUEST,
            text="same" if equal else "{json}",
            keep=keep,
            parallel=parallel,
            retries=retries,
            done=world.state(ITEMS) if world.lines else None,
        )
        for steps, records in enumerate(task_map.run(), 1):
            for record in records:
                assert record.result.outcome is not None
                ended[record.index] += record.index not in task_map.stopped
                if record.result.task_arn:
                    owner = item_of_task.setdefault(record.result.task_arn, record.index)
                    assert owner == record.index, "a task that is counted for two items"
            if steps == most_steps:
                return False
            assert steps < 20_000, "it does not come to an end"
        tally = task_map.tally
        assert sum(tally.outcomes.values()) + tally.left == ITEMS
        assert tally.left >= 0
        assert task_map.in_flight == 0 or (keep and stop_at is not None)
        if world.stop_at is None:
            assert tally.left == 0 or task_map.halted is not None
        return True

    for steps in deaths:
        if a_process(steps):
            break
    world.stop_at = None
    a_process(None)

    state = world.state(ITEMS)
    halted = state.done.count < ITEMS
    if not halted:
        assert set(ended) == set(range(ITEMS))
    assert max(ended.values(), default=0) <= 1 + len(deaths)  # told again when it died telling
    assert state.in_hand() == set() or halted
    assert _doubled_calls(world) == []
    if not equal:
        assert _items_with_two_tasks_at_a_time(world) == []


def _doubled_calls(world: World) -> list[str | None]:
    """The requests that started more tasks than they asked for."""
    asked = {request.started_by: count for _, request, _, count in world.calls}
    made = Counter(one.task.started_by for one in world.tasks.values())
    return [name for name, count in made.items() if count > asked[name or ""]]


def _items_with_two_tasks_at_a_time(world: World) -> list[str]:
    item_of = {
        request.started_by: request.overrides.environment["ITEM"]
        for _, request, _, _ in world.calls
    }
    lives: dict[str, list[tuple[float, float]]] = {}
    for one in world.tasks.values():
        end = one.ends_at
        if one.asked_to_stop is not None:
            end = min(end, one.asked_to_stop + world.stop_seconds)
        begin = one.runs_at - world.start_seconds
        lives.setdefault(item_of[one.task.started_by or ""], []).append((begin, end))
    return [
        item
        for item, spans in lives.items()
        if any(later[0] < before[1] for before, later in pairwise(sorted(spans)))
    ]
