"""Scenarios from the wish to the download, with real solves."""

import io
import json
import subprocess
import sys
from threading import Event

import pytest
from openpyxl import load_workbook

from dmopt.studies.session import AT_ONCE
from dmopt.web.library import read_packed
from dmopt.web.line import Line
from dmopt.web.plans import solve_task
from dmopt.web.tasks import price_task
from tests.cli.program import dmopt
from tests.web.server import ANN, BOB, TOWNS, Here, Page, lines, private


@pytest.fixture(scope="module")
def page(here: Here) -> Page:
    return here.page()


@pytest.fixture(scope="module")
def baseline(page: Page) -> dict:
    return page.ended(page.plan(name="as given").json()["id"])


def test_a_plan_comes_with_its_proof_its_figures_and_its_map(page, baseline):
    assert (baseline["state"], baseline["status"]) == ("done", "optimal")
    assert baseline["bound"] <= baseline["cost"] and baseline["gap"] <= 0.01
    assert baseline["badge"].startswith("proven")
    assert sum(each["value"] for each in baseline["costs"]) == pytest.approx(
        baseline["cost"]
    )
    shown = page.get(f"/api/scenarios/{baseline['id']}/map").json()
    opened = [site for site, about in shown["sites"].items() if about["open"]]
    assert opened == baseline["sites_open"]
    assert {line["properties"]["from"] for line in shown["flows"]["features"]} <= {
        *shown["sites"],
        *_suppliers(shown),
    }


def _suppliers(shown):
    """Origins of flows that no zone gets."""
    ends = shown["access"]
    return {
        line["properties"]["from"]
        for line in shown["flows"]["features"]
        if line["properties"]["to"] not in ends
    }


def test_a_site_forced_shut_stays_shut_and_costs_no_less(here, page, baseline):
    site = baseline["sites_open"][0]
    wish = {"sites": {site: "shut"}}
    found = here.planned(page, wish, name="without it", start_from=baseline["id"])
    assert site not in found["sites_open"]
    assert found["parent"] == baseline["id"]
    if found["verified"]:
        assert found["cost"] >= baseline["bound"] - 1e-6


def test_more_demand_costs_more(here, page, baseline):
    found = here.planned(page, {"knobs": {"demand": 1.5}})
    assert found["cost"] is None or found["cost"] > baseline["cost"]


def test_what_does_not_fit_is_told_at_once_and_whole(page):
    before = len(page.get("/api/scenarios").json())
    answer = page.plan(
        {
            "sites": {"nowhere": "open"},
            "knobs": {"gold": 2, "demand": 99},
            "rules": {"add": ["a: no_such_rule"]},
            "changes": [{"table": "sites", "set": {"nmae": "x"}}],
        }
    )
    assert answer.status_code == 422
    told = " ".join(f"{f['read']} {f['expected']}" for f in answer.json()["faults"])
    for part in ("nowhere", "gold", "99", "no_such_rule", "nmae"):
        assert part in told
    assert len(page.get("/api/scenarios").json()) == before


def test_where_nothing_fits_it_says_why_and_each_way_out_can_be_planned(here, page):
    sites = [
        each["properties"]["id"]
        for each in page.get(f"/api/instances/{page.instance}/map").json()["sites"][
            "features"
        ]
    ]
    wish = {"sites": dict.fromkeys(sites, "shut")}
    # what is not met may be paid for
    wish["changes"] = [{"table": "commodities", "set": {"unmet_price": ""}}]
    stuck = here.planned(page, wish)
    assert (stuck["state"], stuck["status"]) == ("done", "infeasible")
    path = f"/api/scenarios/{stuck['id']}/explanation"
    assert page.get(path).status_code == 404
    assert page.post(path).status_code == 202
    said = page.until(path, lambda found: found["state"] in ("done", "failed"))
    assert said["state"] == "done", said
    assert said["infeasible"] and said["conflict"] and said["ways"]
    way = said["ways"][0]
    out = here.planned(page, way["wish"], start_from=stuck["id"])
    assert out["verified"], way["label"]
    assert page.post(f"/api/scenarios/{stuck['id']}/prices").status_code == 409
    assert page.get(f"/api/scenarios/{stuck['id']}/files/plan.gpkg").status_code == 404


def test_prices_of_rules(here, page):
    rule = "near: site_count most=1; working=yes; where=all"
    found = here.planned(page, {"rules": {"add": [rule]}})
    assert found["verified"], found
    # README of the instance: the best plan costs 121,000, with one site 143,000
    assert found["cost"] == pytest.approx(143_000, rel=0.01)
    path = f"/api/scenarios/{found['id']}/prices"
    assert page.post(path).status_code == 202
    said = page.until(path, lambda found: found["state"] in ("done", "failed"))
    assert said["state"] == "done", said
    assert said["prices"][0]["kind"] == "all"
    for each in said["prices"]:
        assert each["high"] is None or each["low"] <= each["high"]
    [near] = [each for each in said["prices"] if each["name"] == "near"]
    assert near["low"] - 1e-6 <= 22_000 <= near["high"] + 1e-6
    assert near["known"] and near["high"] - near["low"] < 3_000
    assert said["missing"] == []


def test_prices_that_the_time_does_not_suffice_for_are_named(tmp_path):
    rules = [f"r{n}: site_count most={n}; working=yes; where=all" for n in (1, 2)]
    folder = tmp_path / "scenario"
    task = {
        "instance": str(TOWNS),
        "folder": str(folder),
        "wish": {"rules": {"add": rules}},
        "gap": 0.01,
        "time_limit_s": 20,
    }
    folder.mkdir()
    line = Line(lambda content: None, Event())
    solve_task(task, line)
    price_task(task | {"time_limit_s": 0.0, "solve_s": 20.0}, line)
    assert line.cancel.is_set()
    assert read_packed(folder / "prices.json.gz")["missing"] == ["r1", "r2"]


def test_the_run_is_checked_and_reported_outside_the_server(here, page, tmp_path):
    wish = {"knobs": {"demand": 0.9}, "sites": {"west-yard": "shut"}}
    folder = here.desk.folder(here.planned(page, wish)["id"])
    kept = json.loads((folder / "wish.json").read_text())
    assert (kept["knobs"], kept["sites"]) == (wish["knobs"], wish["sites"])
    checked = dmopt("verify", folder / "instance", folder / "run")
    assert checked.exit_code == 0, checked.stderr
    assert dmopt("verify", TOWNS, folder / "run").exit_code == 2
    out = tmp_path / "report.html"
    instance = ("--instance", folder / "instance")
    made = dmopt("report", folder / "run", *instance, "--out", out, "--static")
    assert made.exit_code == 0 and out.stat().st_size > 10_000, made.stderr


def test_a_file_that_cannot_be_made_says_so_and_is_tried_again(here, page):
    id = here.planned(page, name="no file")["id"]
    folder = here.desk.folder(id)
    (folder / "plan.xlsx").unlink(missing_ok=True)
    (folder / "run").rename(folder / "away")
    answer = page.get(f"/api/scenarios/{id}/files/plan.xlsx")
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("The file could not be made.")
    (folder / "away").rename(folder / "run")
    page.until("/api/scenarios", lambda _: here.desk.jobs.find(f"{id}/files") is None)
    assert page.get(f"/api/scenarios/{id}/files/plan.xlsx").status_code == 200
    here.desk.jobs.stop(id)


def test_the_files_open_and_are_downloads(here, page, baseline):
    folder = here.desk.folder(baseline["id"])
    assert not (folder / "plan.gpkg").exists()  # until somebody asks
    for name, magic in (
        ("plan.gpkg", b"SQLite format 3"),
        ("plan.xlsx", b"PK"),
        ("map.png", b"\x89PNG"),
        ("report.html", b"<!doctype html"),
    ):
        answer = page.get(f"/api/scenarios/{baseline['id']}/files/{name}")
        assert answer.status_code == 200, (name, answer.text)
        assert answer.content[: len(magic)].lower() == magic.lower()
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-security-policy"].startswith("sandbox")
    book = page.get(f"/api/scenarios/{baseline['id']}/files/plan.xlsx").content
    assert "summary" in load_workbook(io.BytesIO(book)).sheetnames


def test_the_next_scenario_of_an_instance_begins_with_what_is_known(here, page):
    first = here.planned(page, {"knobs": {"demand": 0.8}})
    next_ = page.plan({"knobs": {"demand": 0.8}, "sites": {"west-yard": "shut"}}).json()
    with page.client.stream("GET", f"/api/scenarios/{next_['id']}/events") as answer:
        text = "".join(answer.iter_text())
    told = [json.loads(line[6:]) for line in text.splitlines() if line[:5] == "data:"]
    assert AT_ONCE in [each.get("step") for each in told]
    found = page.ended(next_["id"])
    assert found["cost"] >= first["bound"] - 1e-6


def test_a_new_child_begins_with_the_run_of_the_scenario_before(tmp_path):
    server = Here(private(tmp_path), TOWNS)
    try:
        page = server.page()
        first = server.planned(page, {"knobs": {"demand": 0.8}})
        server.desk.jobs.children.drop(page.instance)
        given = {"knobs": {"demand": 0.8}, "sites": {"west-yard": "shut"}}
        next_ = page.plan(given, start_from=first["id"]).json()["id"]
        with page.client.stream("GET", f"/api/scenarios/{next_}/events") as answer:
            assert f'"step": "{AT_ONCE}"' in "".join(answer.iter_text())
        assert page.ended(next_)["messages"] == []
    finally:
        server.close()


def test_events_end_with_the_state(page, baseline):
    with page.client.stream("GET", f"/api/scenarios/{baseline['id']}/events") as answer:
        text = "".join(answer.iter_text())
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert text.rstrip().endswith('data: {"state": "done", "status": "optimal"}')


def test_renamed_and_deleted(here, page):
    id = here.planned(page, name="first")["id"]
    assert page.send("PATCH", f"/api/scenarios/{id}", json={"name": "second"}).json()[
        "name"
    ] == ("second")
    assert page.send("PATCH", f"/api/scenarios/{id}", json={"name": " \n"}).is_error
    assert (here.desk.folder(id) / "run").is_dir()
    assert page.send("DELETE", f"/api/scenarios/{id}").json() == {"ok": True}
    assert not here.desk.folder(id).exists()
    assert page.get(f"/api/scenarios/{id}").status_code == 404


def test_two_users_at_once_do_not_mix(office):
    ann, bob = office.page(), office.page()
    assert ann.get("/api/scenarios").status_code == 401
    assert ann.sign_in("ann", ANN).status_code == 200
    assert bob.sign_in("bob", BOB).status_code == 200
    hers = ann.plan({"knobs": {"demand": 0.9}}, name="hers", time_limit_s=5).json()
    his = bob.plan({"knobs": {"demand": 1.1}}, name="his", time_limit_s=5).json()
    for page, own, other in ((ann, hers, his), (bob, his, hers)):
        known = [each["id"] for each in page.get("/api/scenarios").json()]
        assert known == [own["id"]]
        for method, path in (
            ("GET", ""),
            ("GET", "/events"),
            ("GET", "/map"),
            ("GET", "/files/plan.xlsx"),
            ("GET", "/explanation"),
            ("GET", "/prices"),
            ("POST", "/cancel"),
            ("POST", "/explanation"),
            ("POST", "/prices"),
            ("DELETE", ""),
        ):
            answer = page.send(method, f"/api/scenarios/{other['id']}{path}")
            assert answer.status_code == 404, (method, path)
        answer = page.plan(start_from=other["id"])
        assert answer.status_code == 404
    ended = ann.ended(hers["id"]), bob.ended(his["id"])
    for made in (hers, his):
        office.desk.jobs.stop(made["id"])
    assert [each["wish"]["knobs"]["demand"] for each in ended] == [0.9, 1.1]
    assert all(each["state"] == "done" for each in ended)
    bob.send("DELETE", "/api/session")
    assert bob.get("/api/scenarios").status_code == 401
    who = {
        (e["user"], e["action"]) for e in lines(office.desk.config.data / "log.jsonl")
    }
    assert {("ann", "run"), ("bob", "run"), ("bob", "sign-out")} <= who


def test_a_cancelled_solve_keeps_its_best_plan_and_others_go_on(tmp_path):
    server = Here(private(tmp_path, solves=1), TOWNS.parent / "case-bread")
    try:
        page = server.page()
        slow = {"gap": 0, "time_limit_s": 120}
        first = page.plan({}, **slow).json()["id"]
        waits = page.plan({}, **slow).json()["id"]
        page.until(
            f"/api/scenarios/{first}",
            lambda found: (found["progress"] or {}).get("cost") is not None,
        )
        # a verified plan is shown, whole, while a better one is looked for
        now = page.until(f"/api/scenarios/{first}", lambda found: found["plan"] > 0)
        assert (now["state"], now["verified"]) == ("running", True)
        assert now["bound"] is None or now["cost"] >= now["bound"]
        assert now["indicators"] and not now["files"]
        path = f"/api/scenarios/{first}/map?plan={now['plan']}"
        shown = page.get(path).json()["sites"]
        opened = [site for site, about in shown.items() if about["open"]]
        assert opened == now["sites_open"]
        assert page.post(f"/api/scenarios/{first}/prices").status_code == 409
        assert page.get(f"/api/scenarios/{first}/files/map.png").status_code == 404
        assert page.get(f"/api/scenarios/{waits}").json()["state"] == "waiting"
        assert page.post(f"/api/scenarios/{waits}/cancel").status_code == 202
        assert page.ended(waits)["state"] == "cancelled"
        assert page.post(f"/api/scenarios/{first}/cancel").status_code == 202
        found = page.ended(first)
        assert (found["state"], found["verified"]) == ("cancelled", True)
        assert found["cost"] >= found["bound"] and found["plan"] == 0
        assert found["cost"] <= now["cost"] * (1 + 1e-9)
        assert page.get(f"/api/scenarios/{first}/map").status_code == 200
        server.desk.jobs.stop(first)
        assert not list(server.desk.folder(first).glob("shown-*"))
        assert page.post(f"/api/scenarios/{first}/cancel").status_code == 409
    finally:
        server.close()


def test_queue_and_history_are_capped_in_words(tmp_path):
    server = Here(private(tmp_path, solves=1, waiting_each=1, scenarios=2), TOWNS)
    try:
        page = server.page()
        first = page.plan().json()["id"]
        full = page.plan()
        assert full.status_code == 429 and "of your plans" in full.json()["error"]
        page.ended(first)
        server.desk.jobs.stop(first)
        server.planned(page)
        full = page.plan()
        assert full.status_code == 409 and "delete some" in full.json()["error"]
        assert len(list((tmp_path / "scenarios").iterdir())) == 2
    finally:
        server.close()


def test_memory_is_capped_in_the_child():
    code = (
        "from dmopt.web.work import _limit; import numpy; _limit({'memory_gb': 2});"
        "numpy.ones(10**9)"  # 8 GB
    )
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert child.returncode == 1 and "MemoryError" in child.stderr


def test_time_is_capped_in_the_child(tmp_path):
    server = Here(private(tmp_path, grace_s=-19.5), TOWNS)
    try:
        page = server.page()
        ended = page.ended(page.plan().json()["id"])
        assert ended["state"] == "failed" and "stopped after" in ended["error"]
    finally:
        server.close()
