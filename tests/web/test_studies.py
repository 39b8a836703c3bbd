"""Stress tests and frontiers of a scenario: asked, followed, stopped, asked again."""

from threading import Event

import pytest

from dmopt.data.read import read_instance
from dmopt.data.write import write_instance
from dmopt.runs import read_result, write_run
from dmopt.solving.run import solve
from dmopt.studies.stress.study import stress
from dmopt.web import studies
from dmopt.web.config import Limits
from dmopt.web.jobs import Job, Jobs
from dmopt.web.library import read_packed
from dmopt.web.line import Line
from dmopt.web.names import FRONTIER, RUN, STRESS, WISHED, answer_name, traded_map
from dmopt.web.questions import _times
from dmopt.web.studies import frontier_task, stress_task
from tests.studies.test_frontier import TOWN as CLEAN_TOWN
from tests.web.server import Here, Page
from tests.web.test_jobs import POPEN, children


@pytest.fixture(scope="module")
def page(here: Here) -> Page:
    return here.page()


@pytest.fixture(scope="module")
def planned(here: Here, page: Page) -> dict:
    return here.planned(page, name="studied")


def is_over(found):
    return found["state"] in ("done", "failed")


def test_a_stress_test_is_that_of_the_command_line(here, page, planned):
    path = f"/api/scenarios/{planned['id']}/stress"
    assert page.get(path).status_code == 404
    assert page.post(f"{path}/cancel").status_code == 409
    assert page.post(path).json() == {"state": "running"}
    found = page.until(path, is_over)
    assert found["state"] == "done" and found["complete"], found

    folder = here.desk.folder(planned["id"])
    plan = read_result(read_instance(folder / WISHED), folder / RUN).plan
    tried = stress(plan, ("site", "infrastructure"))
    assert [each["of"] for each in found["cases"]] == [
        list(case.losses[0].of) for case in tried.cases
    ]
    # README of the instance: each yard bakes for its own town, half of all
    west = next(each for each in found["cases"] if each["of"] == ["west-yard"])
    assert west["served"] == west["people"] == pytest.approx(0.5)
    assert west["harm"] == pytest.approx(0.5) and west["proven"]
    assert west["worst_product"] and west["districts"]
    assert found["base_served"] == pytest.approx(1)
    worst = found["cases"][0]["label"]
    assert any(text.startswith(f"Worst loss: {worst}") for text in found["sentences"])


def test_a_frontier_has_points_with_plans_that_have_maps(here, page, planned):
    path = f"/api/scenarios/{planned['id']}/frontier"
    for points in (2, 13, "many"):
        assert page.post(path, json={"points": points}).status_code == 422
    assert page.post(path, json={"points": 3}).status_code == 202
    found = page.until(path, is_over)
    # nothing in the two towns emits: all points are the cheapest plan
    assert (found["state"], found["complete"], found["planned"]) == ("done", True, 1)
    [point] = found["points"]
    assert (point["emissions"], point["status"]) == (0, "proven")
    assert point["cost"] == pytest.approx(planned["cost"])
    there = page.get(f"{path}/plans/{point['plan']}/map").json()
    kept = page.get(f"/api/scenarios/{planned['id']}/map").json()
    assert there["sites"] == kept["sites"] and there["flows"] == kept["flows"]
    assert page.get(f"{path}/plans/99/map").status_code == 404
    assert page.get(f"{path}/plans/1/map?period=never").status_code == 404
    assert page.get(f"{path}/plans/..%2F1/map").status_code in (400, 404, 422)
    # the history tells what was asked
    [mine] = [
        each
        for each in page.get("/api/scenarios").json()
        if each["id"] == planned["id"]
    ]
    assert mine["asked"] == {"frontier": "done", "stress": "done"}
    assert page.get(f"/api/scenarios/{planned['id']}").json()["asked"] == mine["asked"]


def test_what_a_study_knows_is_seen_while_it_runs_and_gone_when_asked_anew(
    here, page, planned, monkeypatch
):
    path, id = f"/api/scenarios/{planned['id']}/frontier", planned["id"]
    desk = here.desk
    desk.store.set_question(id, FRONTIER, "running")
    found = page.get(path).json()
    assert found["state"] == "running" and len(found["points"]) == 1
    # whoever stops the server finds it told, and what was known
    desk.store.set_question(id, FRONTIER, "failed", error="The server was stopped.")
    found = page.get(path).json()
    assert found["error"] and len(found["points"]) == 1
    asked = []
    monkeypatch.setattr(desk, "submit", lambda *given, **more: asked.append(given))
    assert page.post(path, json={"points": 3}).json() == {"state": "waiting"}
    assert page.post(path, json={"points": 3}).json() == {"state": "waiting"}
    assert len(asked) == 1  # it waits already
    assert page.get(path).json()["points"] == []
    desk.store.set_question(id, FRONTIER, "failed")


def test_without_a_plan_there_is_nothing_to_study(here, page, planned):
    desk, id = here.desk, planned["id"]
    desk.store.update_scenario(id, verified=0)
    try:
        for kind in (STRESS, FRONTIER):
            answer = page.post(f"/api/scenarios/{id}/{kind}", json={})
            assert answer.status_code == 409 and "no plan" in answer.json()["error"]
    finally:
        desk.store.update_scenario(id, verified=1)


def test_a_point_gets_as_long_as_the_plan_had_within_the_limits():
    row = {"time_limit_s": 60.0}
    assert _times(FRONTIER, row, 600.0, {"points": 6}) == (480, 60)
    # 12 points and two ends share what there is
    assert _times(FRONTIER, row, 600.0, {"points": 12}) == (
        600,
        pytest.approx(600 / 14),
    )
    assert _times(STRESS, row, 600.0, {})[0] == 600
    assert _times("prices", row, 600.0, {}) == (240, 20)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A scenario's folder as the server keeps it: w alone 110 and 1.45 t, each 0.1 t
    less 10 more, down to 1.05 t (tests/studies/test_frontier.py)."""
    folder = tmp_path_factory.mktemp("clean")
    write_instance(CLEAN_TOWN, folder / "tables")
    write_run(solve(CLEAN_TOWN, gap=0), folder / RUN, instance=CLEAN_TOWN, command="")
    return {
        "instance": str(folder / "tables"),
        "folder": str(folder),
        "wish": {},
        "gap": 0.0,
        "time_limit_s": 60.0,
        "solve_s": 30.0,
        "points": 3,
    }, folder


def test_points_are_written_as_they_come(clean, monkeypatch):
    task, folder = clean
    written, write = [], studies.write_json

    def heard(path, content):
        written.append([each["status"] for each in content["points"]])
        write(path, content)

    monkeypatch.setattr(studies, "write_json", heard)
    said = []
    frontier_task(task, Line(said.append, Event()))
    # first what the two ends say, then each point, then all
    assert len(written) == 1 + 3 + 1
    proven = [each.count("proven") for each in written]
    assert proven == sorted(proven) and proven[0] < proven[-1] == 3
    found = read_packed(folder / answer_name(FRONTIER))
    assert [p["emissions"] for p in found["points"]] == pytest.approx(
        [1.45, 1.25, 1.05], rel=1e-4
    )
    assert [p["cost"] for p in found["points"]] == pytest.approx(
        [110, 130, 150], rel=1e-4
    )
    assert found["complete"] and found["unit"] == "t CO2e a year" and not found["of"]
    for point in found["points"]:
        sites = read_packed(traded_map(folder, point["plan"], 0))["sites"]
        opened = [site for site, about in sites.items() if about["open"]]
        assert opened == ["w"]
    steps = [each["step"] for each in said if each["event"] == "progress"]
    assert any(step.startswith("4 of 5, emissions 1.25") for step in steps)


def test_stopped_what_is_known_is_kept(clean, monkeypatch):
    task, folder = clean
    cancel = Event()

    def say(told):
        if told["step"].startswith("4 of 5"):
            cancel.set()

    frontier_task(task, Line(say, cancel))
    found = read_packed(folder / answer_name(FRONTIER))
    assert not found["complete"] and len(found["points"]) == 3
    assert found["points"][0]["status"] == "proven" and found["known"] < 3


def test_stopped_before_anything_is_known_it_says_so(clean, monkeypatch):
    task, _ = clean
    monkeypatch.setattr(studies, "stress", lambda *given, **more: None)
    said = []
    stress_task(task, Line(said.append, Event()))
    assert said[-1]["event"] == "failed" and "before anything" in said[-1]["error"]


def test_a_plan_of_one_site_loses_all_with_it(clean):
    task, folder = clean
    stress_task(task, Line(lambda told: None, Event()))
    found = read_packed(folder / answer_name(STRESS))
    [w] = found["cases"]
    assert (w["of"], w["kind"], w["served"]) == (["w"], "site", 0)
    assert found["complete"] and found["planned"] == 1 and found["enough"] == 0


def test_studies_leave_a_place_to_plans(tmp_path, monkeypatch):
    def start(command, **more):
        return POPEN(["sleep", "60"], **more)

    monkeypatch.setattr(children.subprocess, "Popen", start)
    queue = Jobs(Limits(solves=2, spare=False), tmp_path / "work.log")
    try:
        jobs = [
            Job(key, "ann", {"task": "none"}, 60.0, lambda *told: None, None, is_study)
            for key, is_study in (("s1", True), ("s2", True), ("plan", False))
        ]
        for each in jobs:
            queue.submit(each)
        assert [each.state for each in jobs] == ["running", "waiting", "running"]
    finally:
        queue.close()


def test_a_study_that_runs_is_stopped(here, page, planned):
    path = f"/api/scenarios/{planned['id']}/stress"
    assert page.post(path).status_code == 202  # asked again: its child has yet to begin
    assert page.post(f"{path}/cancel").status_code == 202
    found = page.until(path, is_over)
    assert not found["complete"] and not found["cases"]
    assert found["error"] or any("Stopped: 0 of 3" in s for s in found["sentences"])
