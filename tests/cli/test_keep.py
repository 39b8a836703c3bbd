"""`dmopt keep`: from a run to an instance held to it, its plan, and what changed."""

import pytest

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from tests.cli.program import dmopt
from tests.studies.test_keeping import turned, years


def as_typed(*command):
    """Run a command that keeps in its run how it was typed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["dmopt", *map(str, command)])
        return dmopt(*command)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Folder with `before`, `now`, their run `last`, and what is kept in `held`."""
    made = tmp_path_factory.mktemp("kept")
    write_instance(years(), made / "before")
    write_instance(turned(), made / "now")
    done = as_typed("solve", made / "before", "--out", made / "last", "-q")
    assert done.exit_code == 0, done.stderr
    done = dmopt(
        *("keep", made / "now", made / "last", made / "held"),
        *("--until", "b", "--price-of-change", "19"),
    )
    assert done.exit_code == 0, done.stderr
    # two years with two sites, and the oven at the one that is open; one oven promised
    assert "6 decisions kept, 1 promise with a price" in done.stdout
    return made


def test_the_new_run_is_verified_and_set_beside_the_old_one(kept):
    new = kept / "new"
    assert as_typed("solve", kept / "held", "--out", new, "-q").exit_code == 0
    done = dmopt("verify", kept / "held", new)
    assert done.exit_code == 0, done.stderr
    done = dmopt("diff", kept / "last", new, "--out", kept / "difference")
    assert done.exit_code == 0, done.stderr
    assert "promises: w a" in done.stdout


def test_a_plan_for_other_data_does_not_keep_it(kept):
    done = dmopt("verify", kept / "held", kept / "last")
    assert done.exit_code == 2
    assert "made for the data of" in done.stderr


def test_nothing_is_overwritten_and_an_unknown_period_is_told(kept):
    done = dmopt("keep", kept / "now", kept / "last", kept / "held")
    assert done.exit_code == 2
    done = dmopt("keep", kept / "now", kept / "last", kept / "x", "--until", "d")
    assert done.exit_code == 2
    assert "a period out of a, b, c" in done.stderr
    assert not (kept / "x").exists()


def test_without_options_nothing_is_held(kept):
    done = dmopt("keep", kept / "now", kept / "last", kept / "free")
    assert done.exit_code == 0
    assert len(read_instance(kept / "free").promises) == 0
