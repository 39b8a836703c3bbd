"""What is written is what is read: to the last bit, in every form."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmopt.data.cells import UNWRITABLE
from dmopt.data.instance import Instance
from dmopt.data.read import read_instance
from dmopt.data.validate import make_instance
from dmopt.data.workbook import PIECE
from dmopt.data.write import write_instance
from tests.data.examples import two_zone_settings, two_zone_tables
from tests.data.same import assert_same

FORMS = ("folder", "book.xlsx", "base.gpkg")

AWKWARD = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'quoted",
    '"double"',
    "a,b;c\td",
    "two\nlines",
    " spaces ",
    "_x0041_",
    "_x000D_",
    "NA",
    "nan",
    "None",
    "null",
    "TRUE",
    "1",
    "01",
    "1e5",
    "#N/A",
    "#REF!",
    "../up",
    "C:\\con",
    "\N{SNOWMAN}",
    "\U0001f9c1",
    "e\u0301",
    "\u202eright to left",
    "\ufeffmark",
    "DROP TABLE zones; --",
    "<b>&amp;</b>",
    "2024-01-01",
)

text = st.text(max_size=40).filter(lambda t: not UNWRITABLE.search(t))
names = text.map(str.strip).filter(
    lambda t: t and "\n" not in t and "\t" not in t
) | st.sampled_from(
    [
        name
        for name in AWKWARD
        if name.strip() == name and "\n" not in name and "\t" not in name
    ]
)
notes = text | st.sampled_from(AWKWARD)
amounts = st.floats(0, allow_nan=False, allow_infinity=False)
maybe = st.none() | amounts
shares = st.floats(0, 1)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """The example with other names, notes, numbers, outlines and settings."""
    tables = two_zone_tables()
    new = draw(st.lists(names, min_size=8, max_size=8, unique=True))
    _rename(
        tables,
        dict(zip(["west", "east", "s1", "s2", "plant", "mill"], new, strict=False)),
    )
    for column in ("name", "owner", "reason", "note", "source"):
        tables["sites"][column] = draw(st.lists(notes, min_size=3, max_size=3))
    tables["demand"]["quantity_per_yr"] = draw(
        st.lists(amounts, min_size=3, max_size=3)
    )
    tables["periods"]["capital_budget"] = [draw(maybe)]
    tables["commodities"]["unmet_price"] = draw(st.lists(maybe, min_size=3, max_size=3))
    tables["zones"]["x"] = draw(st.lists(st.floats(3e5, 5e5), min_size=2, max_size=2))
    tables["zones"]["geometry"] = draw(st.lists(outlines(), min_size=2, max_size=2))
    tables["areas"] |= draw(areas())
    given_settings: dict[str, Any] = two_zone_settings() | {
        "name": draw(names),
        "description": draw(notes),
        "credit": draw(notes),
        "discount_rate": draw(st.floats(0, 1, exclude_max=True)),
        "decision_year": draw(st.none() | st.floats(1900, 2030)),
        "money": draw(st.sampled_from(["annualised", "discounted"])),
    }
    return make_instance(given_settings, tables)


@st.composite
def outlines(draw: st.DrawFn) -> Any:
    """No outline, a box, a box with a hole, or two boxes."""
    x, y = draw(st.floats(3e5, 4e5)), draw(st.floats(2e5, 3e5))
    box = shapely.box(x, y, x + draw(st.floats(1, 1e4)), y + draw(st.floats(1, 1e4)))
    far = shapely.box(x + 2e4, y, x + 3e4, y + 1 / 3)
    hole = box.difference(box.centroid.buffer(0.1, quad_segs=1))
    return draw(st.sampled_from([None, box, hole, shapely.MultiPolygon([box, far])]))


@st.composite
def areas(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Three areas: each has an outline, a point, or both; and any reason."""
    shapes = draw(st.lists(outlines(), min_size=3, max_size=3))
    point = st.tuples(st.floats(3e5, 5e5), st.floats(2e5, 3e5))
    none = st.just((None, None))
    points = [draw(point if shape is None else none | point) for shape in shapes]
    reasons = draw(st.lists(notes, min_size=3, max_size=3))
    x, y = (list(each) for each in zip(*points, strict=True))
    return {"geometry": shapes, "x": x, "y": y, "reason": reasons}


def _rename(tables: dict[str, dict[str, list[Any]]], new: dict[str, str]) -> None:
    for columns in tables.values():
        for column in ("zone", "site", "supplier"):
            if column in columns:
                columns[column] = [new.get(name, name) for name in columns[column]]


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(instance=instances())
def test_any_instance_comes_back_as_it_was(form: str, instance: Instance):
    with TemporaryDirectory() as folder:
        write_instance(instance, Path(folder) / form)
        assert_same(read_instance(Path(folder) / form), instance)


def two_zones(**changes: Any) -> Instance:
    return make_instance(two_zone_settings(), two_zone_tables() | changes)


@pytest.mark.parametrize("form", FORMS)
def test_awkward_text_comes_back_as_it_was(form: str, tmp_path: Path):
    columns = {
        "supplier": [f"supplier {i}" for i in range(len(AWKWARD))],
        "name": list(AWKWARD),
        "x": [4e5] * len(AWKWARD),
        "y": [3e5] * len(AWKWARD),
    }
    columns["supplier"][0] = "mill"
    instance = two_zones(suppliers=columns)
    write_instance(instance, tmp_path / form)
    assert_same(read_instance(tmp_path / form), instance)
    assert list(instance.suppliers.name) == list(AWKWARD)


@pytest.mark.parametrize("form", FORMS)
def test_long_text_and_long_outlines_come_back_as_they_were(form: str, tmp_path: Path):
    tables = two_zone_tables()
    circle = shapely.Point(4e5, 2.8e5).buffer(1000, quad_segs=2000)
    tables["zones"]["geometry"] = [circle, None]
    tables["zones"]["note"] = ["\U0001f9c1" * PIECE, "=" * (6 * PIECE)]
    instance = make_instance(two_zone_settings(), tables)
    write_instance(instance, tmp_path / form)
    assert_same(read_instance(tmp_path / form), instance)
    assert len(circle.wkt) > 6 * PIECE


def test_the_forms_convert_into_each_other_without_loss(tmp_path: Path):
    first = two_zones()
    instance = first
    for form in (*FORMS, "again", "again.xlsx"):
        write_instance(instance, tmp_path / form)
        instance = read_instance(tmp_path / form)
    assert_same(instance, first)


def test_areas_drawn_in_a_map_program_need_no_columns_x_and_y(tmp_path: Path):
    path = tmp_path / "base.gpkg"
    write_instance(two_zones(areas=[]), path)
    box = shapely.box(4e5, 2.8e5, 4.01e5, 2.81e5)
    drawn = gpd.GeoDataFrame(
        {"area": ["meadow", "school"], "kind": ["flood", "school"]},
        geometry=[box, shapely.Point(4e5, 2.8e5)],
        crs="EPSG:27700",
    )
    drawn.to_file(path, layer="areas", driver="GPKG")
    areas = read_instance(path).areas
    assert areas.geometry["meadow"].equals(box)
    assert areas.geometry["school"] is None
    assert areas.x.isna().tolist() == [True, False]
    assert areas.y["school"] == 2.8e5


def test_numbers_typed_as_names_are_names(tmp_path: Path):
    columns = two_zone_tables()["periods"] | {"period": [2030]}
    assert list(two_zones(periods=columns).periods.index) == ["2030"]


def test_blank_is_not_zero(tmp_path: Path):
    instance = two_zones()
    write_instance(instance, tmp_path / "book.xlsx")
    back = read_instance(tmp_path / "book.xlsx")
    assert back.technologies.move_cost.isna().tolist() == [True, False]
    assert back.technologies.move_cost["line"] == 0
