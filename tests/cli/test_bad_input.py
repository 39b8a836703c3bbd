"""Bad instances at the command line: a message and exit code 2, nothing else."""

from pathlib import Path

import pytest

from tests.cli.program import dmopt, start
from tests.data.bad_inputs import BAD_INPUTS, BadInput
from tests.paths import thorough

COMMANDS = {
    "check": (),
    "solve": ("--out", "run"),
    "convert": ("copy.xlsx",),
    "verify": ("run",),
}


# one in three here: tests/data reads all of them in every run
SOME = [
    pytest.param(case, id=case.name, marks=[thorough] * (number % 3 > 0))
    for number, case in enumerate(BAD_INPUTS)
]


@pytest.mark.parametrize("case", SOME)
def test_every_bad_instance_ends_with_2_and_leaves_nothing(
    case: BadInput, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "given").mkdir()
    path = case.make(tmp_path / "given")
    before = sorted(tmp_path.rglob("*"))
    # one command for each case, in turn, so that all of them meet many kinds
    turn = BAD_INPUTS.index(case) % len(COMMANDS)
    command, more = list(COMMANDS.items())[turn]
    done = dmopt(command, path, *more)
    assert done.exit_code == 2
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert done.stdout == ""
    assert "fault" in done.stderr and "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_real_process_ends_the_same_way(tmp_path):
    program = start("solve", "nowhere", "--json", folder=tmp_path)
    stdout, stderr = program.communicate(timeout=60)
    assert (program.returncode, stdout) == (2, "")
    assert "nothing there" in stderr and "Traceback" not in stderr
    assert not list(tmp_path.iterdir())
