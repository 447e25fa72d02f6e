"""Whatever was deployed and wherever a run died, what was there before can be put back."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from edactl.core.scaling_policy.requests import TRACKING, TRACKING_CONFIGURATION, target_of
from edactl.core.scaling_policy.run_log import LoggedRun, RunHeader, line, read_run
from edactl.core.scaling_policy.service_place import parse_service_place
from edactl.core.scaling_policy.state import Range, State, changes
from edactl.errors import AwsError
from edactl.ops.scale_apply import carry_out, steps

PLACE = parse_service_place("jobs/orders")


def policy(target: float) -> dict[str, Any]:
    return {
        "PolicyName": "edactl-orders",
        **target_of(PLACE),
        "PolicyType": TRACKING,
        TRACKING_CONFIGURATION: {"TargetValue": target},
    }


RANGES = some.builds(Range, some.integers(0, 2), some.integers(2, 4))
POLICIES = some.sampled_from([policy(1), policy(2.5)])
# a policy is always on a registered target
STATES = some.one_of(
    some.just(State(None, None)), some.builds(State, RANGES, some.one_of(some.none(), POLICIES))
)


class World:
    """A service that takes each call, and dies before or after one of them."""

    def __init__(self, state: State, dies_at: int = 99, *, carried_out: bool = False) -> None:
        self.state, self.dies_at, self.carried_out, self.calls = state, dies_at, carried_out, 0

    def send(self, operation: str, request: dict[str, Any]) -> None:
        """Carry it out, or die."""
        number, self.calls = self.calls, self.calls + 1
        if number == self.dies_at and not self.carried_out:
            raise AwsError("died", code="Died")
        self._play(operation, request)
        if number == self.dies_at:
            raise AwsError("died", code="Died")

    def _play(self, operation: str, request: dict[str, Any]) -> None:
        match operation:
            case "RegisterScalableTarget":
                tasks = Range(request["MinCapacity"], request["MaxCapacity"])
                self.state = State(tasks, self.state.policy)
            case "PutScalingPolicy":
                assert self.state.range is not None, "a policy needs a registered target"
                self.state = State(self.state.range, request)
            case "DeleteScalingPolicy":
                assert self.state.policy is not None
                self.state = State(self.state.range, None)
            case "DeregisterScalableTarget":
                self.state = State(None, None)


class Log:
    """The lines that a run would leave on disk."""

    def __init__(self, header: RunHeader) -> None:
        self.lines = [header.line()]

    def sending(self, operation: str) -> None:
        """A call is about to be made."""
        self.lines.append(line({"sending": operation}))

    def sent(self, operation: str) -> None:
        """It was answered well."""
        self.lines.append(line({"sent": operation}))

    def failed(self, operation: str, error: str) -> None:
        """It was not."""
        self.lines.append(line({"failed": operation, "error": error}))

    def end(self) -> None:
        """Every call was answered well."""
        self.lines.append(line({"end": True}))

    def read(self) -> LoggedRun:
        """What a later process reads of it."""
        return read_run(self.lines, "log")


def header(before: State, after: State) -> RunHeader:
    return RunHeader("r", "apply", "arn", "r", "jobs/orders", "edactl-orders", before, after, "t")


@given(before=STATES, after=STATES)
def test_the_steps_lead_from_any_state_to_any_other(before: State, after: State) -> None:
    world, log = World(before), Log(header(before, after))

    result = carry_out(steps(before, after, PLACE), world, log)

    assert changes(world.state, after) == ()
    assert [one.status for one in result.steps] == ["done"] * len(result.steps)
    assert result.error is None
    assert log.read().ended
    assert steps(world.state, after, PLACE) == ()


@given(before=STATES, after=STATES, dies_at=some.integers(0, 1), carried_out=some.booleans())
def test_a_run_that_died_anywhere_is_known_as_its_own_and_can_be_taken_back(
    before: State, after: State, dies_at: int, *, carried_out: bool
) -> None:
    world, log = World(before, dies_at, carried_out=carried_out), Log(header(before, after))
    result = carry_out(steps(before, after, PLACE), world, log)
    run = log.read()

    assert run.header.before == before
    assert run.left(world.state)
    assert run.ended == (result.error is None)
    arrived = changes(world.state, after) == ()
    assert run.is_half_way(world.state) == (not run.ended and not arrived)
    back = World(world.state)
    assert carry_out(steps(world.state, before, PLACE), back, Log(run.header)).error is None
    assert changes(back.state, before) == ()


@given(before=STATES, after=STATES, since=STATES)
def test_what_somebody_else_deployed_is_never_taken_for_what_the_run_left(
    before: State, after: State, since: State
) -> None:
    run = LoggedRun(header(before, after), ended=True, rolled_back_by=None)

    foreign_range = since.range not in {before.range, after.range}
    foreign_policy = all(since.policy != one.policy for one in (before, after))

    assert run.left(since) == (not foreign_range and not foreign_policy)
