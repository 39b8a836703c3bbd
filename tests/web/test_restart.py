"""A server that is killed in the middle: what it told is still there."""

from tests.web.server import TOWNS, Live

CASE = TOWNS.parent / "case-bread"


def test_killed_while_a_solve_runs_history_and_plans_are_there(tmp_path):
    server = Live(tmp_path, TOWNS, CASE)
    try:
        page = server.page()
        ids = {each["name"]: each["id"] for each in page.get("/api/instances").json()}
        towns, case = sorted(ids.values(), key=lambda id: id.startswith("case"))
        done = page.ended(page.plan(instance=towns, name="done").json()["id"])
        slow = page.plan(instance=case, name="slow", gap=0, time_limit_s=300).json()[
            "id"
        ]
        page.until(
            f"/api/scenarios/{slow}",
            lambda found: (found["progress"] or {}).get("seconds", 0) > 0,
        )
    finally:
        server.process.kill()  # no chance to tidy up
        server.end()

    server = Live(tmp_path, TOWNS)
    try:
        page = server.page()
        again = {each["id"]: each for each in page.get("/api/scenarios").json()}
        assert list(again) == [slow, done["id"]]
        assert again[slow]["state"] == "failed"
        detail = page.get(f"/api/scenarios/{slow}").json()
        assert "server was stopped" in detail["error"]
        kept = page.get(f"/api/scenarios/{done['id']}").json()
        assert kept == done
        assert page.get(f"/api/scenarios/{done['id']}/map").status_code == 200
        # the instance it is not started with any more is still there for its scenario
        assert case in [each["id"] for each in page.get("/api/instances").json()]
        answer = page.get(f"/api/scenarios/{done['id']}/files/plan.gpkg")
        assert answer.content[:6] == b"SQLite"
    finally:
        server.end()


def test_two_servers_do_not_share_a_folder_and_secrets_are_asked_for(tmp_path):
    from dmopt.cli.codes import BAD_INPUT
    from tests.cli.program import dmopt

    server = Live(tmp_path)
    try:
        second = dmopt("serve", "--data", tmp_path, "--port", 0)
        assert second.exit_code == BAD_INPUT and "another dmopt serve" in second.stderr
    finally:
        server.end()
    open_ = dmopt("serve", "--data", tmp_path, "--host", "0.0.0.0", "--port", 0)
    assert open_.exit_code == BAD_INPUT and "password" in open_.stderr


def test_a_line_for_the_users_file():
    from typer.testing import CliRunner

    from dmopt.cli.app import app
    from dmopt.web.passwords import fits

    made = CliRunner().invoke(
        app, ["serve", "--hash-password"], input="ann\nlong enough!\nlong enough!\n"
    )
    name, _, kept = made.stdout.strip().splitlines()[-1].partition(":")
    assert name == "ann" and fits("long enough!", kept)
    short = CliRunner().invoke(
        app, ["serve", "--hash-password"], input="ann\nshort\nshort\n"
    )
    assert short.exit_code == 2 and "at least" in short.stderr
    taken = CliRunner().invoke(
        app, ["serve", "--hash-password"], input="token\nlong enough!\nlong enough!\n"
    )
    assert taken.exit_code == 2 and "none of shared" in taken.stderr
