import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from dmopt.data.write import write_instance
from tests.cli.program import dmopt, two_bakeries


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """(instance, run) of a solved instance, for all tests: to be read only."""
    made = tmp_path_factory.mktemp("solved")
    folder, run = made / "two", made / "run"
    write_instance(two_bakeries(), folder)
    assert dmopt("solve", folder, "--out", run, "-q").exit_code == 0
    return folder, run


def test_verify_of_a_sound_plan_exits_with_0(solved):
    done = dmopt("verify", *solved)
    assert done.exit_code == 0, done.stderr
    assert "keeps every row" in done.stdout


def test_verify_names_what_a_plan_changed_by_hand_breaks(solved, tmp_path):
    run = shutil.copytree(solved[1], tmp_path / "run")
    table = next((run / "plan").glob("flows*"))
    flows = pd.read_csv(table, keep_default_na=False)
    flows.loc[0, "quantity_per_yr"] *= 2
    flows.to_csv(table, index=False)
    done = dmopt("verify", solved[0], run)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "demand [zone" in done.stderr


def test_verify_of_a_run_of_other_data_exits_with_2(solved, tmp_path):
    write_instance(two_bakeries(capacity=11), tmp_path / "other")
    done = dmopt("verify", tmp_path / "other", solved[1])
    assert done.exit_code == 2
    assert "made for the data of" in done.stderr


@pytest.mark.parametrize("text", [None, "", "{}", "[]"])
def test_verify_of_what_is_no_run_exits_with_2(solved, tmp_path, text):
    (tmp_path / "none").mkdir()
    if text is not None:
        (tmp_path / "none" / "plan.json").write_text(text)
    done = dmopt("verify", solved[0], tmp_path / "none")
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr


def test_map_draws_a_run_again(solved, tmp_path):
    done = dmopt("map", *solved, tmp_path / "again.png", "--access")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "again.png").stat().st_size > 10_000


def test_the_manifest_has_the_command(solved):
    assert json.loads((solved[1] / "plan.json").read_text())["manifest"]["command"]


def test_verify_checks_the_proof_of_the_bound(solved):
    done = dmopt("verify", *solved, "--bound", "--resolve")
    assert done.exit_code == 0, done.stderr
    assert "no plan costs less than" in done.stdout


def test_verify_sees_a_bound_that_its_certificate_does_not_prove(solved, tmp_path):
    run = shutil.copytree(solved[1], tmp_path / "run")
    with np.load(run / "certificate.npz") as kept:
        arrays = {name: kept[name] for name in kept.files}
    arrays["arithmetic"] = arrays["arithmetic"] + 1000.0
    np.savez_compressed(run / "certificate.npz", **arrays)
    about = json.loads((run / "plan.json").read_text())
    digest = hashlib.sha256((run / "certificate.npz").read_bytes()).hexdigest()
    about["files"]["certificate.npz"] = digest
    (run / "plan.json").write_text(json.dumps(about))
    done = dmopt("verify", solved[0], run, "--bound")
    assert (done.exit_code, "its prices prove" in done.stderr) == (1, True)
