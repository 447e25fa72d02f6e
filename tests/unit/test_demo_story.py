from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edactl.ops.demo import Finished, Step, run_story, shown
from edactl.ops.demo_story import can_work, story


class Runner:
    def __init__(self, done: Finished) -> None:
        self.done = done
        self.commands: list[tuple[str, ...]] = []

    def __call__(self, arguments: Sequence[str]) -> Finished:
        self.commands.append(tuple(arguments))
        return self.done

    def start(self, arguments: Sequence[str], into: str) -> None:
        self.commands.append((*arguments, ">", into))

    def consume(self, queue: str) -> None:
        self.commands.append(("consume", queue))

    def ended(self) -> Finished:
        self.commands.append(("ended",))
        return self.done


def _step(promise: str) -> Step:
    return Step("A step.", ("queue", "list"), lambda done: done.out == "yes\n", promise)


def test_a_step_that_does_what_it_says_is_shown_and_kept() -> None:
    said: list[str] = []
    runner = Runner(Finished(0, "yes\n"))

    assert run_story([_step("it lists")], runner, said.append) == []
    assert runner.commands == [("queue", "list")]
    assert said == ["\n# A step.", "$ edactl queue list", "yes"]


def test_a_step_that_lies_is_named() -> None:
    said: list[str] = []

    broken = run_story([_step("it lists")], Runner(Finished(0, "no")), said.append)

    assert broken == ['"it lists" is not so (exit status 0)']


def test_a_step_that_fails_is_named_with_its_status() -> None:
    broken = run_story([_step("it lists")], Runner(Finished(254, "yes\n")), lambda _text: None)

    assert broken == ['"it lists" is not so (exit status 254)']


def test_a_step_may_be_meant_to_end_with_a_status_of_its_own() -> None:
    stopped = replace(_step("it is stopped"), status=124)

    assert run_story([stopped], Runner(Finished(124, "yes\n")), lambda _text: None) == []
    broken = run_story([stopped], Runner(Finished(0, "yes\n")), lambda _text: None)
    assert broken == ['"it is stopped" is not so (exit status 0)']


def test_the_advice_is_plotted_where_plots_can_be_drawn() -> None:
    assert [one for one in story(plots=True) if "--plot" in one.arguments]
    assert not [one for one in story() if "--plot" in one.arguments]


def test_a_tail_runs_on_until_a_step_needs_what_it_wrote() -> None:
    said: list[str] = []
    runner = Runner(Finished(0, "yes\n"))
    tail = replace(_step("it tails"), arguments=("bus", "tail"), into="file")
    needs = replace(_step("it replays"), arguments=("replay", "file", "file"))

    broken = run_story([tail, _step("it lists"), needs], runner, said.append)

    assert broken == []
    assert runner.commands == [
        ("bus", "tail", ">", "file"),
        ("queue", "list"),
        ("ended",),
        ("replay", "file", "file"),
    ]
    assert said[:2] == ["\n# A step.", "$ edactl bus tail > file &"]


def test_a_consumer_comes_before_the_command_that_looks() -> None:
    runner = Runner(Finished(0, "yes\n"))

    assert run_story([replace(_step("it looks"), consumes="q")], runner, lambda _text: None) == []
    assert runner.commands == [("consume", "q"), ("queue", "list")]


def test_the_consumer_wants_a_title() -> None:
    assert can_work('{"detail": {"data": {"title": "Outback Nature"}}}')
    assert not can_work('{"detail": {"data": {"title": null}}}')


def test_every_step_of_the_story_notices_output_that_is_not_its_own() -> None:
    for wrong in ("", "{}", '[{"name": "x"}]', "[1]"):
        runner = Runner(Finished(0, wrong))
        assert len(run_story(story(), runner, lambda _text: None)) == len(story())


def test_a_command_is_shown_as_one_would_type_it() -> None:
    assert shown(("put-event", "--detail", '{"a": 1}')) == "put-event --detail '{\"a\": 1}'"
