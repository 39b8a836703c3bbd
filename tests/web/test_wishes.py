"""Hostile and broken requests to plan: answered in words, never with a crash."""

import json

import pytest

from tests.web.server import Here


@pytest.fixture(scope="module")
def page(here: Here):
    return here.page()


def body(page, wish: str, **more: object) -> str:
    """A request as text, so that it may hold what JSON libraries refuse to write."""
    given = {"instance": page.instance, "name": "x", **more}
    return json.dumps(given)[:-1] + f', "wish": {wish}}}'


WISHES = {
    "not a number": '{"knobs": {"demand": NaN}}',
    "infinity": '{"knobs": {"demand": Infinity}}',
    "too large a number": '{"knobs": {"demand": 1e999}}',
    "a file as a model": '{"model": "/etc/passwd.toml"}',
    "a file beside": '{"model": "../../models/free.toml"}',
    "rows from a file": '{"changes": [{"table": "sites", "add": "/etc/passwd"}]}',
    "all rows from a file": '{"changes": [{"table": "sites", "replace": "sites.csv"}]}',
    "an unknown part": '{"__proto__": {"admin": true}}',
    "half a character": '{"sites": {"\\ud800": "open"}}',
    "half a character as a value": '{"changes": [{"table": "sites", "set": '
    '{"name": "\\udfff"}}]}',
    "control characters": '{"rules": {"off": ["\\u0000\\u001b[2J"]}}',
    "a table of the database": '{"changes": [{"table": "sqlite_master", "where": '
    '{"x": 1}, "remove": true}]}',
    "the rules of Python": '{"changes": [{"table": "__class__", "set": {"x": 1}}]}',
    "not a number in a change": '{"changes": [{"table": "demand", "multiply": '
    '{"quantity_per_yr": NaN}}]}',
    "a number of many digits": '{"changes": [{"table": "sites", "set": {"x": '
    + "9" * 400
    + "}}]}",
    "digits without end": '{"knobs": {"demand": ' + "9" * 5000 + "}}",
    "negative demand": '{"knobs": {"demand": -1}}',
    "a negative budget": '{"budget": {"capital": -5}}',
    "all zones gone": '{"changes": [{"table": "zones", "replace": []}]}',
    "a key twice": '{"changes": [{"table": "zones", "set": {"zone": "a"}}]}',
    "a shape that is none": '{"changes": [{"table": "zones", "set": '
    '{"geometry": "POLYGON((0 0))"}}]}',
    "a site with a sign in it": '{"sites": {"a; sites=b": "open"}}',
    "a rule that is code": '{"rules": {"add": ["x: __import__(0).system(1)"]}}',
    "a rule for a slow pattern": '{"rules": {"add": ["' + " " * 1990 + ':"]}}',
    "too long a text": '{"rules": {"add": ["' + "x" * 3000 + '"]}}',
    "too many texts": '{"rules": {"off": [' + ",".join(['"x"'] * 1001) + "]}}",
    "nested without end": "[" * 60_000 + "]" * 60_000,
    "text": '"all"',
    "half a request": '{"knobs": ',
}


@pytest.mark.parametrize("name", WISHES)
def test_broken_wishes_are_told_in_words(page, name):
    before = page.get("/api/scenarios").json()
    answer = page.post(
        "/api/scenarios",
        content=body(page, WISHES[name]).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422), (answer.status_code, answer.text[:300])
    assert answer.json()["error"] and "Traceback" not in answer.text
    assert "root:" not in answer.text
    assert page.get("/api/scenarios").json() == before


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 200},
        {"name": ["x"]},
        {"gap": -1},
        {"gap": 2},
        {"time_limit_s": 0},
        {"time_limit_s": 10_000},
        {"time_limit_s": 1e9},
        {"instance": "../two-towns"},
        {"instance": "' OR 1=1 --"},
        {"start_from": "../../x"},
        {"owner": "bob"},
    ],
)
def test_other_parts_of_a_request_are_checked(page, more):
    answer = page.post(
        "/api/scenarios",
        content=body(page, "{}", **more).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text


def test_a_large_body_is_not_read(page):
    answer = page.post("/api/scenarios", content=b" " * 3_000_000)
    assert answer.status_code == 413


def test_markup_in_a_name_comes_back_as_json_text_only(page):
    made = page.plan(name="<script>alert(1)</script>")
    assert made.headers["content-type"] == "application/json"
    assert made.json()["name"] == "<script>alert(1)</script>"
    page.send("DELETE", f"/api/scenarios/{made.json()['id']}")
