"""Bad instances of every kind we could think of, to be read from disk.

Each case makes one in an empty folder, and knows where its fault must be found.
"""

import csv
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook

from dmopt.data.validate import make_instance
from dmopt.data.write import write_instance
from tests.data.examples import Tables, two_zone_settings, two_zone_tables

Make = Callable[[Path], Path]
FROM_ZONE = {
    "commodity": "flour",
    "mode": "lorry",
    "origin": "zone",
    "destination": "zone",
}
"""A row of `lanes` where nothing comes back."""


@dataclass(frozen=True)
class BadInput:
    """One bad instance.

    make: writes it in a folder and returns the path to read.
    place, row, column: where a fault must be found. says: text the fault must hold.
    """

    name: str
    make: Make
    place: str
    row: int | None = None
    column: str = ""
    says: str = ""


def write_raw(path: Path, tables: Tables, settings: dict[str, Any]) -> Path:
    """A folder with just these cells, right or wrong."""
    path.mkdir(parents=True, exist_ok=True)
    lines = ["[instance]", *(f"{k} = {v!r}" for k, v in settings.items())]
    (path / "instance.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, columns in tables.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(columns)
            rows.writerows(zip(*columns.values(), strict=True))
    return path


def cell(
    table: str,
    row: int,
    column: str,
    value: Any,
    says: str = "",
    at: str = "",
    **settings: Any,
) -> BadInput:
    """One wrong cell in a folder. at: column of the fault, if it is another."""

    def make(path: Path) -> Path:
        tables = two_zone_tables()
        cells = tables[table].setdefault(column, [None] * len(_any(tables[table])))
        cells[row - 2] = value
        return write_raw(path, tables, two_zone_settings() | settings)

    name = f"{table}.{column} is {str(value)[:30]!r}"
    return BadInput(name, make, f"{table}.csv", row, at or column, says)


def _any(columns: dict[str, list[Any]]) -> list[Any]:
    return next(iter(columns.values()))


def setting(name: str, value: Any, says: str = "") -> BadInput:
    """One wrong setting in a folder."""

    def make(path: Path) -> Path:
        settings = two_zone_settings() | {name: value}
        return write_raw(path, two_zone_tables(), settings)

    return BadInput(
        f"setting {name} is {value!r}", make, "instance.toml", None, name, says
    )


def edit(
    name: str,
    change: Callable[[Tables], Any],
    place: str,
    row: int | None = None,
    column: str = "",
    says: str = "",
) -> BadInput:
    """A folder whose tables were changed."""

    def make(path: Path) -> Path:
        tables = two_zone_tables()
        change(tables)
        return write_raw(path, tables, two_zone_settings())

    return BadInput(name, make, place, row, column, says)


def over_time(
    table: str, column: str, value: Any, says: str, row: int = 2, at: str = ""
) -> BadInput:
    """One wrong cell in a table about what one period leaves to later ones, in an
    instance of two periods where crumbs come back."""

    def change(tables: Tables) -> None:
        tables["periods"] = {
            "period": ["2030", "2035"],
            "start_year": [2030, 2035],
            "years": [5, 5],
        }
        lanes = tables["lanes"]
        more = {"commodity": "crumbs", "origin": "zone", "destination": "site"}
        for name, cells in lanes.items():
            cells.append(more.get(name, cells[0]))
        tables["stocks"] = {
            "commodity": ["bread", "bread"],
            "site": ["s1", ""],
            "holding_cost_per_yr": [0.1, 0.2],
        }
        tables["returns"] = {
            "commodity": ["bread"],
            "returns_as": ["crumbs"],
            "quantity": [0.1],
        }
        tables["module_prices"] = {
            "technology": ["oven", "oven"],
            "bought": [4, 2],
            "capital_cost": [10, 20],
        }
        tables["promises"] = {
            "site": ["s1", "s1", ""],
            "technology": ["", "oven", ""],
            "infrastructure": ["", "", "grid"],
            "location": ["", "", "at s1"],
            "period": ["2030", "2030", "2035"],
            "count": [1, 2, 1],
        }
        tables["disposals"] = {
            "commodity": ["crumbs", "crumbs"],
            "period": ["", "2035"],
            "zone_cost": [0.1, 0.2],
        }
        cells = tables[table].setdefault(column, [None] * len(_any(tables[table])))
        cells[row - 2] = value

    name = f"{table}.{column} is {value!r}"
    return edit(name, change, f"{table}.csv", row, at or column, says)


def file(
    name: str, content: bytes, place: str, row: int | None = None, says: str = ""
) -> BadInput:
    """A folder in which one file holds other bytes."""

    def make(path: Path) -> Path:
        write_raw(path, two_zone_tables(), two_zone_settings())
        (path / place).write_bytes(content)
        return path

    return BadInput(name, make, place, row, "", says)


def whole(name: str, make: Make, place: str, **where: Any) -> BadInput:
    """An instance made in a way of its own."""
    return BadInput(name, make, place, **where)


def good(path: Path, name: str) -> Path:
    """The example as a workbook or GeoPackage of that name."""
    (path / name).write_bytes(_good(Path(name).suffix))
    return path / name


@cache
def _good(suffix: str) -> bytes:
    """The file, made once."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"good{suffix}"
        write_instance(make_instance(two_zone_settings(), two_zone_tables()), target)
        return target.read_bytes()


def _workbook(name: str, change: Callable[[Workbook], Any], **where: Any) -> BadInput:
    def make(path: Path) -> Path:
        book = load_workbook(good(path, "bad.xlsx"))
        change(book)
        book.save(path / "bad.xlsx")
        return path / "bad.xlsx"

    return BadInput(name, make, **where)


def _geopackage(name: str, statement: str, **where: Any) -> BadInput:
    def make(path: Path) -> Path:
        target = good(path, "bad.gpkg")
        with sqlite3.connect(target) as base:
            for (trigger,) in base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                base.execute(f'DROP TRIGGER "{trigger}"')
            base.execute(statement)
        base.close()
        return target

    return BadInput(name, make, **where)


def _set(table: str, spot: str, value: Any) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book[table][spot] = value

    return change


def _cut(path: Path, name: str) -> Path:
    target = good(path, name)
    target.write_bytes(target.read_bytes()[:3000])
    return target


def _bomb(path: Path) -> Path:
    """A part that says it is three billion bytes once unpacked."""
    target = good(path, "bad.xlsx")
    with ZipFile(target, "a") as zipped:
        zipped.writestr("xl/media/big", "boo")
        zipped.getinfo("xl/media/big").file_size = 3_000_000_000
    return target


def _other_zip(path: Path) -> Path:
    with ZipFile(path / "bad.xlsx", "w") as zipped:
        zipped.writestr("hello.txt", "hello")
    return path / "bad.xlsx"


def _other_database(path: Path) -> Path:
    with sqlite3.connect(path / "bad.gpkg") as base:
        base.execute("CREATE TABLE zones (zone TEXT)")
    base.close()
    return path / "bad.gpkg"


def _folder_named(path: Path, name: str) -> Path:
    write_raw(path, two_zone_tables(), two_zone_settings())
    (path / name).unlink()
    (path / name).mkdir()
    return path


def _empty(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def _scenario(
    name: str,
    text: str,
    place: str,
    column: str = "",
    says: str = "",
    row: int | None = None,
) -> BadInput:
    def make(path: Path) -> Path:
        write_raw(path / "base", two_zone_tables(), two_zone_settings())
        (path / "what-if").mkdir()
        (path / "what-if" / "scenario.toml").write_text(text, encoding="utf-8")
        return path / "what-if"

    return BadInput(f"scenario: {name}", make, place, row, column, says)


HEAD = '[scenario]\nname = "x"\nbase = "../base"\n'
CHANGE = HEAD + "[[change]]\n"
BOW_TIE = (
    "POLYGON ((399000 279000, 401000 281000, 401000 279000, 399000 281000, "
    "399000 279000))"
)

BAD_INPUTS: tuple[BadInput, ...] = (
    # cells
    cell("zones", 3, "population", "many", "'many'"),
    cell("zones", 2, "population", "1,5", "decimal point"),
    cell("zones", 2, "population", "1_000"),
    cell("zones", 2, "population", -1, "at least 0"),
    cell("zones", 2, "population", "nan", "leave the cell blank"),
    cell("zones", 2, "population", "inf", "infinity"),
    cell("zones", 2, "population", "1e999", "infinity"),
    cell("zones", 2, "x", "", "a blank cell"),
    cell("zones", 2, "deprivation_decile", 11, "from 1 to 10"),
    cell("periods", 2, "start_year", 2030.5, "whole number"),
    cell("periods", 2, "start_year", 30),
    cell("periods", 2, "years", 0, "above 0"),
    cell("technologies", 2, "max_modules", 0, "whole number"),
    cell("technologies", 2, "availability", 1.2, "to 1"),
    cell("sites", 2, "in_region", "perhaps", "yes or no"),
    cell("sites", 2, "status", "comitted", "did you mean 'committed'?"),
    cell("sites", 2, "confidence", "certain", "one of measured"),
    cell("sites", 2, "name", "bell \x07", "control characters"),
    # names
    cell("sites", 2, "site", "", "a blank cell"),
    cell("sites", 2, "site", "s" * 101, "at most 100"),
    cell("sites", 2, "site", " s1", "white space"),
    cell("sites", 2, "site", "s1\u00a0", "white space"),
    cell("sites", 2, "site", "s\n1", "one line"),
    cell("sites", 2, "site", "s\x011", "control characters"),
    cell("sites", 3, "site", "s1", "first in row 2"),
    cell("suppliers", 2, "supplier", "west", "zones.csv, row 2"),
    cell("demand", 2, "zone", "West", "did you mean 'west'?"),
    cell("demand", 3, "commodity", "bred", "did you mean 'bread'?"),
    cell("demand", 2, "period", "2031", "did you mean '2030'?"),
    cell("demand", 2, "zone", "", "a blank cell"),
    cell("demand", 3, "zone", "west", "first in row 2", at="zone, commodity, period"),
    cell("locations", 2, "infrastructure", "lab"),
    cell("locations", 2, "location", "", "a blank cell"),
    # shapes and coordinates
    cell("zones", 2, "geometry", "POLYGON ((0 0", "a polygon"),
    cell("zones", 2, "geometry", "POLYGON EMPTY", "not an empty one"),
    cell("zones", 2, "geometry", "POINT (400000 280000)", "a polygon"),
    cell("zones", 2, "geometry", BOW_TIE, "Self-intersection"),
    cell(
        "zones",
        2,
        "geometry",
        "POLYGON ((0 5e6, 1 5e6, 1 5000001, 0 5e6))",
        "within the area of EPSG:27700",
    ),
    cell("sites", 2, "y", 9_000_000, "within the area of EPSG:27700", at="x, y"),
    edit(
        "x and y swapped",
        lambda t: t["sites"].update(
            x=[280_500, 409_000, 450_000], y=[4e6, 281_500, 3e5]
        ),
        "sites.csv",
        2,
        "x, y",
    ),
    BadInput(
        "longitude and latitude swapped",
        lambda path: write_raw(
            path,
            two_zone_tables()
            | {"suppliers": {"supplier": ["mill"], "x": [52.5], "y": [-101.9]}},
            two_zone_settings() | {"crs": "EPSG:4326"},
        ),
        "suppliers.csv",
        2,
        "x, y",
        "look swapped",
    ),
    cell(
        "areas",
        2,
        "geometry",
        "POLYGON ((0 5e6, 1 5e6, 1 5000001, 0 5e6))",
        "within the area of EPSG:27700",
    ),
    cell("areas", 3, "y", 9_000_000, "within the area of EPSG:27700", at="x, y"),
    cell("areas", 4, "geometry", BOW_TIE, "Self-intersection"),
    # headers and tables
    edit(
        "unknown column",
        lambda t: t["sites"].update(stauts=["", "", ""]),
        "sites.csv",
        1,
        "",
        "'stauts'",
    ),
    edit(
        "misspelt column",
        lambda t: t["zones"].update(populaton=t["zones"].pop("population")),
        "zones.csv",
        1,
        "",
        "did you mean 'population'?",
    ),
    edit(
        "missing column",
        lambda t: t["modes"].pop("speed_kmh"),
        "modes.csv",
        1,
        "speed_kmh",
    ),
    BadInput(
        "column twice",
        file("", b"mode,speed_kmh,speed_kmh\nvan,1,2\n", "modes.csv").make,
        "modes.csv",
        1,
        "speed_kmh",
        "once",
    ),
    edit(
        "missing table", lambda t: t.pop("lanes"), "lanes.csv", None, "", "this table"
    ),
    edit(
        "table without rows",
        lambda t: t.update(
            lanes={"commodity": [], "mode": [], "origin": [], "destination": []}
        ),
        "lanes.csv",
        None,
        "",
        "at least one row",
    ),
    edit(
        "unknown table",
        lambda t: t.update(site={"a": [1], "b": [2]}),
        "site.csv",
        None,
        "",
        "did you mean 'sites'?",
    ),
    # settings
    setting("monney", "annualised", "did you mean 'money'?"),
    setting("money", "anualised", "did you mean 'annualised'?"),
    setting("discount_rate", "8%"),
    setting("discount_rate", -0.1),
    setting("crs", "EPSG:277000", "coordinate reference system"),
    setting("crs", "EPSG:4978"),
    setting("name", "", "to be given"),
    BadInput(
        "projected distances in degrees",
        lambda path: write_raw(
            path,
            two_zone_tables(),
            two_zone_settings() | {"crs": "EPSG:4326", "distance": "projected"},
        ),
        "instance.toml",
        None,
        "crs",
        "in metres",
    ),
    cell("periods", 2, "start_year", 2029, "2031 or later", decision_year=2031.0),
    # what cells mean together
    edit(
        "periods that overlap",
        lambda t: t.update(
            periods={
                "period": ["2030", "b"],
                "start_year": [2030, 2034],
                "years": [5, 5],
            }
        ),
        "periods.csv",
        3,
        "start_year",
        "2035",
    ),
    cell("sites", 2, "opens", "2030", "not committed"),
    cell("commodities", 2, "traits", "modullar", "did you mean 'modular'?"),
    cell("commodities", 4, "traits", "standard; green", "'green'"),
    cell("commodities", 3, "traits", "modular, digital", "separated by ';'"),
    cell("areas", 2, "geometry", "", "an outline, or a point"),
    cell("areas", 3, "y", "", "both or neither", at="x, y"),
    cell("areas", 2, "x", 405_000, "both or neither", at="x, y"),
    cell("areas", 3, "area", "flood plain", "first in row 2"),
    cell("areas", 3, "kind", "", "a blank cell"),
    # uncertain figures
    cell("uncertain", 2, "figure", "transport_prices", "'transport_price'?"),
    cell("uncertain", 2, "low", "", "a blank cell"),
    cell("uncertain", 2, "low", 1.2, "no more than likely (likely is 1)"),
    cell("uncertain", 4, "low", -1, "at least 0"),
    cell("uncertain", 2, "high", 0.9, "no less than likely (likely is 1)"),
    cell("uncertain", 2, "high", 10.5, "at most 10"),
    cell("uncertain", 4, "high", 1e5, "at most 10000"),
    cell("uncertain", 2, "distribution", "normal", "one of triangular, uniform"),
    cell("uncertain", 2, "of", "bread", "transport_price is not of one product"),
    cell("uncertain", 3, "of", "bred", "did you mean 'bread'?"),
    cell("uncertain", 3, "of", "crumbs", "a product that zones want"),
    cell("uncertain", 2, "figure", "labour", "no service of kind labour"),
    cell("uncertain", 4, "figure", "transport_price", "row 2", at="figure, of, site"),
    cell("uncertain", 5, "site", "", "the site it is of"),
    cell("uncertain", 5, "high", 1.1, "at most 1"),
    cell("uncertain", 2, "site", "s1", "transport_price is not of one site"),
    # worlds
    cell("sites", 2, "availability", 1.1, "from 0 to 1"),
    cell("sites", 2, "availability", -0.1, "from 0 to 1"),
    cell("worlds", 2, "probability", 0.4, "they add up to 1.0666"),
    cell("worlds", 2, "probability", 0, "above 0 to 1"),
    cell("worlds", 2, "probability", "likely", "a number"),
    cell("worlds", 3, "world", "as now", "first in row 2"),
    cell("worlds", 3, "world", "", "a blank cell"),
    cell("world_changes", 2, "world", "dear fule", "did you mean 'dear fuel'?"),
    cell("world_changes", 2, "figure", "transport", "one of transport_price, "),
    cell("world_changes", 2, "value", "", "a blank cell"),
    cell("world_changes", 2, "value", 11, "at most 10"),
    cell("world_changes", 3, "value", 0, "more than 0"),
    cell("world_changes", 3, "of", "bred", "did you mean 'bread'?"),
    cell("world_changes", 3, "of", "crumbs", "a product that zones want"),
    cell("world_changes", 2, "of", "bread", "transport_price is not of one product"),
    cell("world_changes", 4, "value", 1.5, "at most 1"),
    cell("world_changes", 4, "site", "", "the site it is of"),
    cell("world_changes", 4, "site", "s3", "a name from sites"),
    cell("world_changes", 2, "site", "s2", "transport_price is not of one site"),
    cell("world_changes", 2, "figure", "labour", "no service of kind labour"),
    edit(
        "a figure twice in one world",
        lambda t: t["world_changes"].update(
            figure=["transport_price", "transport_price", "availability", "demand"],
            of=[""] * 4,
        ),
        "world_changes.csv",
        3,
        "world, figure, of, site",
        "first in row 2",
    ),
    edit(
        "changes without any world",
        lambda t: t.pop("worlds"),
        "world_changes.csv",
        2,
        "world",
        "a name from worlds",
    ),
    # stock
    over_time("stocks", "commodity", "bred", "did you mean 'bread'?"),
    over_time("stocks", "site", "s3", "a name from sites"),
    over_time("stocks", "shelf_periods", 0, "at least 1"),
    over_time("stocks", "shelf_periods", 1.5, "a whole number"),
    over_time("stocks", "holding_cost_per_yr", -1, "at least 0"),
    over_time("stocks", "loss_per_yr", "20 percent", "a number"),
    over_time("stocks", "loss_per_yr", 1.2, "from 0 to 1"),
    over_time("stocks", "max_units", "many", "a number"),
    over_time("stocks", "site", "s1", "first in row 2", row=3, at="commodity, site"),
    # returns and disposal
    over_time("returns", "commodity", "bred", "did you mean 'bread'?"),
    over_time("returns", "commodity", "flour", "a product that zones want"),
    over_time("returns", "returns_as", "crums", "did you mean 'crumbs'?"),
    over_time("returns", "returns_as", "flour", "a lane from zone to site"),
    over_time("returns", "quantity", 0, "above 0"),
    over_time("returns", "quantity", "", "a blank cell"),
    over_time("returns", "lag_periods", -1, "from 0 to"),
    over_time("returns", "lag_periods", 0.5, "a whole number"),
    over_time("returns", "lag_periods", 2, "at most 1"),
    over_time("disposals", "commodity", "flour", "or one that comes back"),
    over_time("disposals", "commodity", "", "a blank cell"),
    over_time("disposals", "period", "2031", "a name from periods"),
    over_time("disposals", "period", "", "first in row 2", 3, "commodity, period"),
    over_time("disposals", "zone_cost", -1, "at least 0"),
    over_time("disposals", "max_per_yr", "none", "a number"),
    # promises
    over_time("promises", "site", "s9", "a name from sites"),
    over_time("promises", "technology", "ovn", "did you mean 'oven'?", 3),
    over_time("promises", "period", "", "a blank cell"),
    over_time("promises", "count", 2, "0 or 1, as a site is open or shut"),
    over_time("promises", "count", -1, "from 0 to", 3),
    over_time("promises", "change_cost", 5, "blank, as a site is firm"),
    over_time("promises", "change_cost", -5, "at least 0", 3),
    over_time("promises", "location", "s8", "a location of this infrastructure", 4),
    over_time(
        "promises",
        "site",
        "s1",
        "or infrastructure and location",
        4,
        "site, technology, infrastructure, location",
    ),
    # prices that fall
    over_time("module_prices", "technology", "ovn", "did you mean 'oven'?"),
    over_time("module_prices", "bought", 0, "from 1 to"),
    over_time("module_prices", "bought", 2.5, "a whole number"),
    over_time("module_prices", "bought", 4, "first in row 2", 3, "technology, bought"),
    over_time("module_prices", "capital_cost", 21, "the price before (it is 20)"),
    over_time("module_prices", "capital_cost", 1e9, "no more than the price before", 3),
    over_time("module_prices", "capital_cost", "", "a blank cell"),
    edit(
        "what came back to zones",
        lambda t: [t["lanes"][c].append(v) for c, v in FROM_ZONE.items()],
        "lanes.csv",
        6,
        "commodity",
        "a commodity that comes back",
    ),
    edit(
        "from zone to zone",
        lambda t: [t["lanes"][c].append(v) for c, v in FROM_ZONE.items()],
        "lanes.csv",
        6,
        "destination",
        "site, from a zone",
    ),
    edit(
        "stock in one period",
        lambda t: t.update(stocks={"commodity": ["bread"], "site": [""]}),
        "stocks.csv",
        2,
        "commodity",
        "two periods or more",
    ),
    cell("technologies", 3, "site_classes", "industrial; high sreet", "'high street'"),
    edit(
        "technology without recipe",
        lambda t: t["technologies"].update(technology=["oven", "robot"]),
        "technologies.csv",
        3,
        "technology",
        "recipe",
    ),
    edit(
        "recipe without output",
        lambda t: t["recipe_items"]["quantity"].__setitem__(3, -1),
        "recipes.csv",
        3,
        "recipe",
        "output",
    ),
    cell("recipe_items", 3, "quantity", 0, "not 0"),
    cell("standing_modules", 2, "site", "s1", "it is candidate"),
    cell("infrastructure", 2, "radius_km", "", "as reach is radius"),
    cell("locations", 2, "x", "", "both or neither", at="x, y"),
    edit(
        "location nowhere",
        lambda t: t["locations"].update(x=[None] * 2, y=[None] * 2),
        "locations.csv",
        2,
        "x",
        "as reach is radius",
    ),
    cell("locations", 3, "site", "", "as reach is site"),
    edit(
        "district missing",
        lambda t: t["infrastructure"].update(reach=["district", "site"]),
        "locations.csv",
        2,
        "district",
        "as reach is district",
    ),
    edit(
        "prerequisites in a circle",
        lambda t: t["prerequisites"].update(
            infrastructure=["laboratory", "grid"], requires=["grid", "laboratory"]
        ),
        "prerequisites.csv",
        2,
        "requires",
        "circle",
    ),
    BadInput(
        "no distances",
        lambda path: write_raw(
            path, two_zone_tables(), two_zone_settings() | {"distance": "table"}
        ),
        "distances.csv",
        None,
        "",
        "distance = table",
    ),
    edit(
        "distance from a zone",
        lambda t: t.update(
            distances={"origin": ["west"], "destination": ["east"], "km": [3]}
        ),
        "distances.csv",
        2,
        "origin",
    ),
    # files of a folder
    file(
        "Latin-1", "zone,name\nwest,Café\n".encode("latin-1"), "zones.csv", 2, "UTF-8"
    ),
    file("UTF-16", "zone,x,y\nwest,1,2\n".encode("utf-16"), "zones.csv", 1, "UTF-8"),
    file("semicolons", b"mode;speed_kmh\nvan;30\n", "modes.csv", 1, "separated by ';'"),
    file("decimal commas", b"mode,speed_kmh\nvan,30,5\n", "modes.csv", 2, "3 cells"),
    file("short row", b"mode,speed_kmh\nvan,30\nlorry\n", "modes.csv", 3, "1 cells"),
    file("open quote", b'mode,speed_kmh\n"van,30\n', "modes.csv", 2, "CSV text"),
    file("nothing in a file", b"", "modes.csv", 1, "column names"),
    file("NUL bytes", b"mode,speed_kmh\nvan,3\x000\n", "modes.csv", 2, "NUL"),
    file("not TOML", b"[instance]\nname = two words\n", "instance.toml", 2, "TOML"),
    file("TOML without instance", b"name = 'x'\n", "instance.toml", None, "[instance]"),
    whole(
        "a folder for a file",
        lambda path: _folder_named(path, "modes.csv"),
        "modes.csv",
    ),
    whole("nothing there", lambda path: path / "nowhere", "nowhere"),
    whole("an empty folder", _empty, "", says="instance.toml"),
    # workbooks
    whole(
        "cut workbook",
        lambda path: _cut(path, "bad.xlsx"),
        "bad.xlsx",
        says="cut short",
    ),
    whole("another zip", _other_zip, "bad.xlsx", says="another zip file"),
    whole("zip bomb", _bomb, "bad.xlsx", says="unpacked"),
    whole(
        "text for a workbook",
        lambda path: shutil.copy(__file__, path / "bad.xlsx"),
        "bad.xlsx",
    ),
    _workbook(
        "formula",
        _set("zones", "D3", "=1+1"),
        place="bad.xlsx, sheet zones",
        row=3,
        column="population",
        says="not a formula",
    ),
    _workbook(
        "error value",
        _set("zones", "D2", "#N/A"),
        place="bad.xlsx, sheet zones",
        row=2,
        column="population",
        says="not an error value",
    ),
    _workbook(
        "text in a number",
        _set("zones", "D3", "ten"),
        place="bad.xlsx, sheet zones",
        row=3,
        column="population",
        says="'ten'",
    ),
    _workbook(
        "flag in a number",
        _set("zones", "D3", True),
        place="bad.xlsx, sheet zones",
        row=3,
        column="population",
    ),
    _workbook(
        "no settings",
        lambda book: book.remove(book["settings"]),
        place="bad.xlsx, sheet settings",
        says="this sheet",
    ),
    _workbook(
        "unknown sheet",
        lambda book: book.create_sheet("zone"),
        place="bad.xlsx, sheet zone",
        says="did you mean 'zones'?",
    ),
    _workbook(
        "a setting that is wrong",
        _set("settings", "B7", "eight"),
        place="bad.xlsx, sheet settings",
        column="discount_rate",
    ),
    # GeoPackages
    whole("cut GeoPackage", lambda path: _cut(path, "bad.gpkg"), "bad.gpkg"),
    whole("another database", _other_database, "bad.gpkg"),
    whole(
        "text for a GeoPackage",
        lambda path: shutil.copy(__file__, path / "bad.gpkg"),
        "bad.gpkg",
    ),
    _geopackage(
        "text in a column of numbers",
        "UPDATE zones SET population = 'x' WHERE fid = 2",
        place="bad.gpkg, layer zones",
        row=3,
        column="population",
    ),
    _geopackage(
        "no geometry where a point must be",
        "UPDATE sites SET geometry = NULL",
        place="bad.gpkg, layer sites",
        row=2,
        column="x",
    ),
    _geopackage(
        "another CRS",
        "UPDATE gpkg_geometry_columns SET srs_id = 4326",
        place="bad.gpkg, layer sites",
        says="the CRS of the settings",
    ),
    _geopackage(
        "areas in another CRS",
        "UPDATE gpkg_geometry_columns SET srs_id = 4326 WHERE table_name = 'areas'",
        place="bad.gpkg, layer areas",
        says="'WGS 84', expected the CRS of the settings, EPSG:27700",
    ),
    _geopackage(
        "no geometry where an area must be",
        "UPDATE areas SET geometry = NULL, x = NULL, y = NULL",
        place="bad.gpkg, layer areas",
        row=2,
        column="geometry",
        says="an outline, or a point",
    ),
    _geopackage(
        "an area whose point is not its x and y",
        "UPDATE areas SET x = 1 WHERE fid = 2",
        place="bad.gpkg, layer areas",
        row=3,
        column="x",
        says="the row's own point",
    ),
    _geopackage(
        "a broken shape",
        "UPDATE zones SET geometry = x'4750000100000000FF'",
        place="bad.gpkg, layer zones",
        row=2,
        column="geometry",
    ),
    _geopackage(
        "no table of settings", "DELETE FROM settings", place="bad.gpkg, layer settings"
    ),
    # scenarios
    _scenario("no base", '[scenario]\nname = "x"\n', "scenario.toml", "base"),
    _scenario(
        "base that is not there",
        '[scenario]\nname = "x"\nbase = "../no"\n',
        "../no",
        says="nothing there",
    ),
    _scenario(
        "base is itself", '[scenario]\nname = "x"\nbase = "."\n', "scenario.toml"
    ),
    _scenario(
        "unknown table",
        CHANGE + 'table = "site"\nremove = true\n',
        "scenario.toml, change 1",
        says="did you mean 'sites'?",
    ),
    _scenario(
        "unknown column",
        CHANGE + 'table = "sites"\nset = {stauts = "x"}\n',
        "scenario.toml, change 1",
        says="did you mean 'status'?",
    ),
    _scenario(
        "two things at once",
        CHANGE + 'table = "sites"\nset = {owner = "x"}\nmultiply = {life_yr = 2}\n',
        "scenario.toml, change 1",
        says="one of set",
    ),
    _scenario(
        "no row fits",
        CHANGE + 'table = "sites"\nwhere = {site = "s9"}\nremove = true\n',
        "scenario.toml, change 1",
        "where",
    ),
    _scenario(
        "words multiplied",
        CHANGE + 'table = "sites"\nmultiply = {owner = 2}\n',
        "scenario.toml, change 1",
        "owner",
    ),
    _scenario(
        "a period without a number",
        CHANGE + 'table = "demand"\nby = "period"\n'
        'multiply = {quantity_per_yr = {"2031" = 2}}\n',
        "scenario.toml, change 1",
        "quantity_per_yr",
        "'2030'",
    ),
    _scenario(
        "a value that is wrong",
        CHANGE + 'table = "sites"\nwhere = {site = "s1"}\nset = {status = "gone"}\n',
        "scenario.toml, sites after change 1",
        "status",
        "'gone'",
        2,
    ),
    _scenario(
        "unknown word",
        CHANGE + 'table = "sites"\nwhen = 3\n',
        "scenario.toml, change 1",
        "when",
        "did you mean 'where'?",
    ),
)
