"""Hostile hosts, headers, cookies and tokens: nothing gets in, nothing comes out."""

import pytest

from tests.web.server import ANN, TOKEN, Here, Page, lines, shared

SECRETS = (ANN, TOKEN, "scrypt$", "Traceback", 'File "')


@pytest.fixture(scope="module")
def ann(office: Here) -> Page:
    page = office.page()
    page.sign_in("ann", ANN)
    return page


HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "evil.example:80@127.0.0.1",
    "localhost.evil.example:8000",
    "127.0.0.1:99999",
    "127.0.0.1:x",
    "[::1",
    "169.254.169.254",
    "0.0.0.0",
    "",
    "\xff",
]


@pytest.mark.parametrize("host", HOSTS)
def test_strange_host_names_are_not_answered(here, host):
    answer = here.client().get("/api/session", headers={"Host": host.encode("latin-1")})
    assert answer.status_code == 400, answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_names_of_the_loopback_are(here, host):
    assert here.client().get("/api/session", headers={"Host": host}).is_success


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_sites_reach_nothing(here, headers, method):
    page = here.page()
    path = "/api/instances" if method != "DELETE" else "/api/session"
    assert page.send(method, path, headers=headers).status_code == 403


def test_other_sites_may_link_to_the_page(here):
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert here.client().get("/", headers=headers).status_code in (200, 404)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "0" * 64,
        "None",
        "\xe9\xff",
        "' OR 1=1 --",
        "a" * 5000,
    ],
)
def test_no_change_without_the_token_of_the_page(here, token):
    page = here.page()
    given = {"X-CSRF-Token": token.encode("latin-1")}
    answer = page.send("POST", "/api/scenarios", json={}, headers=given)
    assert answer.status_code == 403
    assert page.client.post("/api/scenarios", json={}).status_code == 403


def test_the_token_of_another_page_does_not_do(here):
    one, other = here.page(), here.page()
    given = {"X-CSRF-Token": other.about["csrf"]}
    assert one.send("POST", "/api/scenarios", headers=given).status_code == 403


def test_a_bearer_header_is_no_way_around_where_there_is_no_token(here):
    answer = here.client().post(
        "/api/scenarios", json={}, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "' OR '1'='1",
        "a" * 43,
        "A" * 10_000,
        "../../key",
        "%00",
        "a" * 42 + ";",
        "\xff" * 43,
    ],
)
def test_made_up_cookies_are_nobody(office, value):
    client = office.client()
    raw = f"dmopt={value}".encode("latin-1")
    answer = client.get("/api/scenarios", headers={"Cookie": raw})
    assert answer.status_code == 401
    about = client.get("/api/session", headers={"Cookie": raw}).json()
    assert about["signed_in"] is False and about["user"] == ""


def test_a_cookie_set_before_signing_in_is_worth_nothing_after(office):
    page = office.page()
    before = page.client.cookies["dmopt"]
    page.sign_in("ann", ANN)
    assert page.client.cookies["dmopt"] != before
    thief = office.client()
    thief.cookies.set("dmopt", before)
    assert thief.get("/api/scenarios").status_code == 401


def test_signed_out_is_out_also_for_a_stolen_cookie(office):
    page = office.page()
    page.sign_in("ann", ANN)
    stolen = page.client.cookies["dmopt"]
    assert page.send("DELETE", "/api/session").is_success
    thief = office.client()
    thief.cookies.set("dmopt", stolen)
    assert thief.get("/api/scenarios").status_code == 401


def test_cookies_are_kept_from_scripts_and_other_sites(office, tmp_path):
    kept = office.client().get("/api/session").headers["set-cookie"]
    assert "HttpOnly" in kept and "SameSite=strict" in kept and "Secure" not in kept
    config = shared(tmp_path, behind_tls=True, names=("plan.example.org",))
    server = Here(config)
    try:
        answer = server.client().get(
            "/api/session", headers={"Host": "plan.example.org"}
        )
        kept = answer.headers["set-cookie"]
        assert kept.startswith("__Host-dmopt=") and "Secure" in kept
        assert "max-age" in answer.headers["strict-transport-security"]
    finally:
        server.close()


@pytest.mark.parametrize(
    "bearer",
    [
        "",
        "x",
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN.upper(),
        "\xe9",
    ],
)
def test_wrong_tokens_are_nobody_even_with_a_good_cookie(ann, bearer):
    given = {"Authorization": f"Bearer {bearer}".encode("latin-1")}
    answer = ann.client.get("/api/scenarios", headers=given)
    assert answer.status_code == 401


def test_a_program_needs_only_its_token(office):
    given = {"Authorization": f"Bearer {TOKEN}"}
    client = office.client()
    assert client.get("/api/scenarios", headers=given).json() == []
    assert client.post("/api/scenarios", json={}, headers=given).status_code == 422


def test_wrong_passwords_wait_and_the_log_has_no_secret(tmp_path):
    server = Here(shared(tmp_path))
    try:
        page = server.page()
        answers = [page.sign_in("ann", f"wrong {n}") for n in range(4)]
        assert [each.status_code for each in answers] == [401, 401, 401, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        # the right one waits as well: waiting tells nothing
        assert page.sign_in("ann", ANN).status_code == 429
        assert page.sign_in(ANN, "x").status_code == 401
        entries = lines(tmp_path / "log.jsonl")
        assert {each["user"] for each in entries} == {"ann", "unknown"}
        kept = (tmp_path / "log.jsonl").read_text()
        assert not any(secret in kept for secret in SECRETS)
    finally:
        server.close()


def test_users_taken_out_of_the_file_are_out(tmp_path):
    config = shared(tmp_path)
    server = Here(config)
    page = server.page()
    page.sign_in("ann", ANN)
    cookie = page.client.cookies["dmopt"]
    server.close()
    left = {"bob": config.users["bob"]}
    server = Here(shared(tmp_path, users=left))
    try:
        client = server.client()
        client.cookies.set("dmopt", cookie)
        assert client.get("/api/scenarios").status_code == 401
    finally:
        server.close()


def test_sessions_outlive_a_restart(tmp_path):
    server = Here(shared(tmp_path))
    page = server.page()
    page.sign_in("bob", "staple of the bakery")
    cookie, csrf = page.client.cookies["dmopt"], page.about["csrf"]
    server.close()
    server = Here(shared(tmp_path))
    try:
        client = server.client()
        client.cookies.set("dmopt", cookie)
        about = client.get("/api/session").json()
        assert (about["user"], about["csrf"]) == ("bob", csrf)
    finally:
        server.close()
    assert cookie not in (tmp_path / "history.sqlite").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/web/app.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00",
        "/static/" + "a/" * 900,
        "/static/" + "a" * 1_900,
        "/vendor/../store.py",
        "/vendor/maplibre-gl.js%00.py",
        "/vendor/..%2f__init__.py",
        "/api/scenarios/..%2f..%2fkey",
        "/api/scenarios/' OR 1=1 --",
        "/api/scenarios/%ff%fe",
        "/api/scenarios/x/files/..%2fresult.json.gz",
        "/api/scenarios/x/files/plan.gpkg%00",
        "/api/instances/..",
        "/api/instances/%2e%2e%2f%2e%2e",
        "/api/instances/x/map",
        "/docs",
        "/redoc",
        "/key",
        "/history.sqlite",
    ],
)
def test_paths_lead_nowhere_else(here, path):
    answer = here.client().get(path)
    assert answer.status_code in (400, 404, 405, 422), answer.text
    assert not any(secret in answer.text for secret in SECRETS)


@pytest.mark.parametrize(
    "path", ["/", "/api/session", "/api/nothing", "/api/openapi.json"]
)
def test_every_answer_carries_the_headers(here, path):
    headers = here.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    if path.startswith("/api"):
        assert headers["cache-control"] == "no-store"


def test_maplibre_comes_from_the_installed_package(here):
    pytest.importorskip("maplibre")
    client = here.client()
    script = client.get("/vendor/maplibre-gl.js")
    assert "javascript" in script.headers["content-type"]
    assert "BSD" in script.text[:2000] or "maplibre" in script.text[:2000].lower()
    again = client.get(
        "/vendor/maplibre-gl.js", headers={"If-None-Match": script.headers["etag"]}
    )
    assert again.status_code == 304 and again.content == b""
    assert client.get("/vendor/maplibre-gl.css").is_success
