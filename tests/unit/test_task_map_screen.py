from __future__ import annotations

import io

from edactl.cli.task_map_screen import MapScreen
from edactl.out.progress import Progress
from edactl.out.terminal import Terminal
from tests.task_map_world import World, a_map


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def shown(screen: Screen | io.StringIO, world: World, *, alone: bool = True) -> list[str]:
    """The lines that are said while a map runs; a table goes to the screen itself."""
    terminal = Terminal(io.StringIO(), io.StringIO(), screen)
    said: list[str] = []
    progress = Progress(terminal, lambda: world.seconds)
    show = MapScreen(progress, said.append, lambda: world.seconds, alone)
    task_map = a_map(world, 40, parallel=10)
    for _ in task_map.run():
        show.show(task_map)
    return said


def test_where_nobody_watches_a_line_comes_every_half_minute() -> None:
    world = World(run_seconds=20)

    said = shown(io.StringIO(), world)

    assert len(said) == int(world.seconds // 30)
    assert said[0] == (
        "10 of 40 items ended, 0 of them without success; 10 tasks running or starting"
    )


def test_beside_records_on_the_same_screen_lines_come_too() -> None:
    screen = Screen()

    assert len(shown(screen, World(run_seconds=20), alone=False)) == 3
    assert screen.getvalue() == ""


def test_a_terminal_gets_a_table_that_is_rewritten() -> None:
    screen = Screen()

    said = shown(screen, World(run_seconds=20, start_seconds=8))

    assert said == []
    tables = screen.getvalue().removeprefix("\r\x1b[K").split("\x1b[2A\r\x1b[J")
    assert len(tables) > 20
    assert {one.splitlines()[0] for one in tables} == {
        "items  waiting  starting  running  succeeded  failed"
    }
    rows = [one.splitlines()[1] for one in tables]
    assert "   40       30        10        0          0       0" in rows
    assert "   40        0         0       10         30       0" in rows
    assert tables[-1].splitlines()[2].startswith("40 launched in 1")
