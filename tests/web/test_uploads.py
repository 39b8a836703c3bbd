"""Uploads: sound ones are taken in, hostile ones leave nothing behind."""

import io
from pathlib import Path
from threading import Event

import pytest
from openpyxl import load_workbook

from dmopt.errors import InstanceError
from dmopt.web import tasks
from dmopt.web.desk import Desk
from dmopt.web.guard import MOST_JSON
from dmopt.web.line import Line
from dmopt.web.routes import instances
from dmopt.web.tasks import take_in_task
from tests.line import line
from tests.web.hostile import (
    FORMULA,
    IMAGE,
    REFUSED,
    SCRIPT,
    geopackage,
    named_with_evil,
    workbook,
)
from tests.web.server import BOB, TOWNS, Here, private

IN_A_CHILD = ("a billion laughs", "a formula")
"""Hostile files that are read as the server reads them, in a child with limits."""


@pytest.fixture(scope="module")
def page(here):
    return here.page()


def left(here: Here) -> set[str]:
    """Files of the data folder, history and log aside."""
    data = here.desk.config.data
    return {
        str(path.relative_to(data))
        for path in data.rglob("*")
        if "scenarios" not in path.parts
        and not path.name.startswith(("history", "log", "work.log"))
    }


def read_here(desk: Desk, upload: Path, user: str) -> tuple[str | None, dict]:
    """What the child does with an upload, in this process: it is quicker."""
    part = desk.library.new_part()
    task = {"upload": str(upload), "folder": str(part), "unpacked_bytes": 40_000_000}
    try:
        take_in_task(task, Line(lambda content: None, Event()))
    except InstanceError as error:
        said = {"error": "The instance cannot be used.", "faults": faults(error)}
        return None, said
    raise AssertionError("it was taken in")


def faults(error: InstanceError) -> list[dict]:
    return [{n: getattr(f, n) for n in f.__slots__} for f in error.faults]


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_files_are_refused_and_nothing_is_left(here, page, name, monkeypatch):
    if name not in IN_A_CHILD:
        monkeypatch.setattr(instances, "read_upload", read_here)
    before, known = left(here), page.get("/api/instances").json()
    answer = page.upload(*REFUSED[name]())
    assert answer.status_code in (413, 415, 422), (answer.status_code, answer.text)
    said = answer.json()
    assert said["error"] and "Traceback" not in answer.text
    assert "root:" not in answer.text and str(here.desk.config.data) not in answer.text
    assert left(here) == before
    assert page.get("/api/instances").json() == known


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/cron.d/evil.xlsx",
        "C:\\windows\\evil.xlsx",
        "\x00.xlsx",
        "a" * 3000 + ".xlsx",
        "<script>alert(1)</script>.xlsx",
        "=cmd|'/c calc'!A1.xlsx",
    ],
)
def test_a_file_name_is_never_a_path(here, page, name, monkeypatch):
    # magic alone, so that it is refused when read: the name must matter nowhere
    monkeypatch.setattr(instances, "read_upload", read_here)
    answer = page.upload(name, b"PK\x03\x04")
    assert answer.status_code in (400, 415, 422)
    assert "script" not in answer.text and "cron" not in answer.text
    assert not any(here.desk.uploads.iterdir())


@pytest.mark.parametrize("form", [{}, {"data": {"file": "text"}}, {"content": b"x"}])
def test_an_upload_needs_a_file(page, form):
    assert page.post("/api/instances", **form).status_code == 422


def test_a_body_that_hides_its_length_is_cut_off(page):
    def endless():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; '
        yield b'filename="t.xlsx"\r\n\r\n'
        for _ in range(300):
            yield b"PK\x03\x04" * 4096

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = page.post("/api/instances", content=endless(), headers=headers)
    assert answer.status_code == 413


def test_sound_files_are_taken_in_for_their_user_alone(office):
    ann, bob = office.page(), office.page()
    ann.sign_in("ann", "correct horse battery")
    bob.sign_in("bob", BOB)
    answer = ann.upload("towns.gpkg", geopackage())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["own"] and made["id"] in [
        each["id"] for each in ann.get("/api/instances").json()
    ]
    assert made["id"] not in [each["id"] for each in bob.get("/api/instances").json()]
    for path in ("", "/map", "/rules"):
        assert ann.get(f"/api/instances/{made['id']}{path}").status_code == 200
        assert bob.get(f"/api/instances/{made['id']}{path}").status_code == 404
    assert bob.plan(instance=made["id"]).status_code == 404
    assert bob.send("DELETE", f"/api/instances/{made['id']}").status_code == 404
    assert ann.send("DELETE", f"/api/instances/{made['id']}").status_code == 200
    assert not office.desk.library.folder(made["id"]).exists()
    given = ann.instance
    assert ann.send("DELETE", f"/api/instances/{given}").status_code == 403


def test_names_that_are_scripts_and_formulas_stay_text(here, page):
    answer = page.upload("evil.xlsx", named_with_evil())
    assert answer.status_code == 201, answer.text
    id = answer.json()["id"]
    assert "<" not in id and answer.headers["content-type"] == "application/json"
    shown = page.get(f"/api/instances/{id}/map")
    names = [each["properties"]["name"] for each in shown.json()["sites"]["features"]]
    assert FORMULA in names and SCRIPT in names
    found = page.ended(page.plan(instance=id, name=IMAGE).json()["id"])
    assert found["verified"], found
    answer = page.get(f"/api/scenarios/{found['id']}/files/plan.xlsx")
    assert "<" not in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == FORMULA for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)
    report = page.get(f"/api/scenarios/{found['id']}/files/report.html").text
    assert SCRIPT not in report and "<img src=x" not in report


def test_a_user_keeps_so_many_uploads_and_no_more(tmp_path):
    server = Here(private(tmp_path, instances=0))
    try:
        answer = server.page().upload("towns.xlsx", workbook())
        assert answer.status_code == 409 and "delete some" in answer.json()["error"]
    finally:
        server.close()


def test_uploads_count_as_room_taken(tmp_path):
    server = Here(private(tmp_path, disk_mb=0.001), TOWNS)
    try:
        page = server.page()
        assert page.upload("towns.xlsx", workbook()).status_code == 201
        for full in (page.plan(), page.upload("towns.xlsx", workbook())):
            assert full.status_code == 409
            assert "scenarios and uploads take" in full.json()["error"]
    finally:
        server.close()


def test_who_is_not_signed_in_sends_nothing_large(office):
    page, large = office.page(), b"PK\x03\x04" + bytes(MOST_JSON)
    assert page.upload("t.xlsx", large).status_code == 413
    assert page.upload("t.xlsx", b"PK\x03\x04").status_code == 401
    page.sign_in("bob", BOB)
    assert page.upload("t.xlsx", large).status_code == 422


def test_without_instances_the_list_is_empty(tmp_path: Path):
    server = Here(private(tmp_path))
    try:
        assert server.page().get("/api/instances").json() == []
    finally:
        server.close()


def test_an_instance_of_very_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(tasks, "MOST_ROWS", 10)
    with pytest.raises(InstanceError, match="at most 10 rows in all tables together"):
        tasks.refuse_too_large(line())
