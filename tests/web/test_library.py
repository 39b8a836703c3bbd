"""What is kept of instances for the page: made anew where another dmopt made it."""

from dmopt.data.write import write_instance
from dmopt.web.library import SHOWN, SHOWN_BY, Library, read_packed
from dmopt.web.store import Store
from dmopt.web.tasks import write_json
from tests.line import line


def library(tmp_path):
    return Library(tmp_path / "kept", Store(tmp_path / "history.sqlite"))


def given(tmp_path):
    write_instance(line(), tmp_path / "line")
    return library(tmp_path).add_given(tmp_path / "line")


def test_what_an_older_program_made_is_made_anew(tmp_path):
    id = given(tmp_path)
    folder = tmp_path / "kept" / id
    facts = read_packed(folder / "facts.json.gz")
    write_json(folder / "facts.json.gz", {"name": "as it was shown"})
    write_json(folder / SHOWN_BY, {"dmopt": "0.0.1", "form": 1})
    kept = library(tmp_path)
    kept.show_anew()
    assert kept.read_json(id, "facts.json.gz") == facts
    assert read_packed(folder / SHOWN_BY) == SHOWN


def test_what_this_program_made_is_left_alone(tmp_path):
    id = given(tmp_path)
    path = tmp_path / "kept" / id / "map.json.gz"
    before = path.stat().st_mtime_ns
    library(tmp_path).show_anew()
    assert path.stat().st_mtime_ns == before


def test_what_cannot_be_read_any_more_is_shown_as_before(tmp_path, caplog):
    id = given(tmp_path)
    folder = tmp_path / "kept" / id
    (folder / SHOWN_BY).unlink()
    (folder / "tables" / "zones.csv").write_text("zone\n")
    kept = library(tmp_path)
    kept.show_anew()
    assert kept.read_json(id, "facts.json.gz")["name"] == "line"
    assert "shown as before" in caplog.text
