"""The API fuzzed from its own description: no request makes it fail."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings

schemathesis = pytest.importorskip("schemathesis")

from schemathesis.checks import not_a_server_error  # noqa: E402

from dmopt.web.desk import FILES  # noqa: E402
from tests.web.server import TOKEN, Live  # noqa: E402

EXAMPLES = int(os.environ.get("DMOPT_FUZZ", "12"))
"""Requests for each route; more for a long run."""
ROUTES = 28


def test_no_request_makes_it_fail(live: Live):
    page = live.page()
    page.client.headers["Authorization"] = f"Bearer {TOKEN}"
    known = {
        "/api/instances/{id}": page.instance,
        "/api/scenarios/{id}": page.ended(page.plan().json()["id"])["id"],
    }
    files = f"{known['/api/scenarios/{id}']}/files"
    for name in FILES:  # made when first asked for: longer than a fuzzer waits
        page.get(f"/api/scenarios/{files}/{name}")
    schema = schemathesis.openapi.from_url(f"{live.address}api/openapi.json")
    seen: dict[str, set[int]] = {}
    labels: dict[str, set[int]] = {}

    def fuzz(operation):
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def requests(case):
            start = next((each for each in known if case.path.startswith(each)), None)
            if start and case.method != "DELETE" and len(seen.get(case.path, ())) < 2:
                case.path_parameters["id"] = known[start]
            answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"})
            case.validate_response(answer, checks=[not_a_server_error])
            assert b"Traceback" not in answer.content
            seen.setdefault(case.path, set()).add(answer.status_code)
            labels.setdefault(operation.label, set()).add(answer.status_code)

        requests()

    for found in schema.get_all_operations():
        fuzz(found.ok())
    assert len(labels) == ROUTES, labels
    assert 200 in labels["GET /api/scenarios/{id}"]
