"""The page as text: nothing in it can come to life, and nothing is missing from it."""

import json
import re
import sys

import pytest

from dmopt.errors import InstanceError
from dmopt.maps.palette import MARKS
from dmopt.report import as_option, write_report
from dmopt.report.library import find_library
from dmopt.report.mapdata import map_data
from dmopt.report.page import embedded, policy
from dmopt.report.shapes import SHAPES
from tests.maps.city import city, plan_of, result_of
from tests.report.towns import option, result, towns
from tests.rules.plans import baked


@pytest.mark.parametrize(
    "text", ["</script>", "<!--<script>", "a & b", "\u2028\u2029", '"', "]]>", "é"]
)
def test_embedded_json_ends_no_script_and_reads_back(text):
    written = embedded({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}


def test_the_policy_names_each_script_by_its_hash():
    # openssl dgst -sha256 -binary | base64, of "a"
    said = policy(["a"], [])
    assert "script-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='" in said
    assert said.startswith("default-src 'none'")
    assert "unsafe" not in said


@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326"])
@pytest.mark.parametrize("outlines", [True, False])
def test_the_map_is_in_degrees_and_complete(crs, outlines):
    plan = plan_of(city(crs, periods=2, outlines=outlines))
    data = map_data(plan)
    zones = data["zones"]["features"]
    assert len(zones) == 96 and data["outlines"] is outlines
    (west, south), (east, north) = data["bounds"]
    assert -3 < west < east < 0 and 52 < south < north < 53
    # 24 sites inside, one of them excluded and saying why; the plant outside
    assert len(data["sites"]) == 25
    out = [s for s in data["sites"] if "flood plain" in s["states"][0]["s"][0]]
    assert len(out) == 1 and [state["o"] for state in out[0]["states"]] == [0, 0]
    states = [[state["o"] for state in site["states"]] for site in data["sites"]]
    assert [sum(each) for each in zip(*states, strict=True)] == [4, 6]
    # what comes from afar is one line for each origin
    far = [f["properties"] for f in data["flows"]["features"] if f["properties"]["f"]]
    assert len(far) == 2 * 2
    assert {mark["m"] for mark in data["marks"]} <= set(SHAPES)
    json.dumps(data, allow_nan=False)


def test_simplified_outlines_stay_together():
    """Neighbours share their simplified borders: areas still add up to the whole."""
    shapely = pytest.importorskip("shapely")
    data = map_data(plan_of(city()))
    shapes = [shapely.geometry.shape(f["geometry"]) for f in data["zones"]["features"]]
    whole = shapely.union_all(shapes)
    # degrees are rounded to 1e-5: a crack of 96 borders is at most about 2e-5 wide
    assert sum(s.area for s in shapes) == pytest.approx(whole.area, rel=1e-3)


def test_every_mark_of_the_printed_map_has_a_shape():
    assert {mark for mark, _ in MARKS} == set(SHAPES)


def test_the_report_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    other = towns({"currency": "EUR"})
    with pytest.raises(InstanceError):
        write_report(
            option("w"), path, others=[as_option(result(baked(other, "w")), "euro")]
        )
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="no plan"):
        write_report(as_option(result_of(None), "none", towns()), path)


def test_without_the_package_the_page_has_the_printed_map_and_says_how(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("dmopt.report.write.find_library", lambda: None)
    text = write_report(option("w"), tmp_path / "page.html").read_text()
    assert "pip install &#39;dmopt[web]&#39;" in text
    assert "maplibregl.Map" not in text and 'id="map-data"' not in text
    assert text.count("data:image/svg+xml;base64,") == 2
    monkeypatch.setattr("dmopt.report.write.picture", lambda *given: "data:,")
    asked = write_report(option("w"), tmp_path / "b.html", interactive=False)
    assert "dmopt[web]" not in asked.read_text()


def test_the_library_is_found_without_importing_it():
    before, library = "maplibre" in sys.modules, find_library()
    if library is None:
        pytest.skip("the extra web is not installed")
    assert re.fullmatch(r"5\.\d+\.\d+", library.version)
    assert ("maplibre" in sys.modules) == before


def test_figures_in_the_text_are_those_of_the_plan(tmp_path, monkeypatch):
    """The same page of another plan says other figures: none is typed."""
    monkeypatch.setattr("dmopt.report.write.picture", lambda *given: "data:,")
    one, two = (
        write_report(option(at), tmp_path / f"{at}.html", interactive=False).read_text()
        for at in ("w", "e")
    )
    # e alone: 100 + 50 + 20 + 60 t x 10 km x 0.1 = 230
    for text, cost, a_head in ((one, 210, 0.263), (two, 230, 0.287)):
        assert f"The plan costs GBP {cost} a year" in text
        assert f"GBP {a_head} for each of 800 people" in text
    assert "GBP 210" not in two
    assert "Supply costs most in East, GBP 0.54 a head a year" in one
    assert "Jobs: 3 in the region, most in West 3." in one
    assert "most in East 3." in two
