"""Passwords, tokens, the users file, and the price of wrong tries."""

import pytest

from dmopt.web.config import Config, Refused, default_data, refuse_if_open
from dmopt.web.passwords import (
    fits,
    hashed,
    read_secret,
    read_users,
    token_fits,
    token_hash,
    user_of,
)
from dmopt.web.throttle import Throttle

GOOD = "correct horse battery"
RESERVED = ("shared", "local", "token")


def test_a_password_fits_its_hash_and_no_other():
    kept = hashed(GOOD)
    assert fits(GOOD, kept) and not fits(GOOD + " ", kept)
    assert hashed(GOOD) != kept  # salted
    assert GOOD not in kept


def test_short_secrets_are_refused():
    with pytest.raises(Refused, match="at least 10"):
        hashed("short")
    with pytest.raises(Refused, match="at least 20"):
        token_hash("short")


def test_an_empty_token_fits_nothing():
    assert not token_fits("", "") and not token_fits("x" * 30, "")
    assert token_fits("x" * 30, token_hash("x" * 30))


def test_an_unknown_user_costs_a_hash_too(monkeypatch):
    calls = []
    from dmopt.web import passwords

    real = passwords._scrypt
    monkeypatch.setattr(
        passwords, "_scrypt", lambda *given: calls.append(1) or real(*given)
    )
    users = {"ann": hashed(GOOD)}
    calls.clear()
    asked = {"users": users, "shared": "", "token": ""}
    assert user_of("ann", "wrong password", **asked) is None
    assert user_of("eve", "wrong password", **asked) is None
    assert user_of("ann", GOOD, **asked) == "ann"
    assert len(calls) == 3


def test_a_users_file_is_read_whole_or_refused_line_by_line(tmp_path):
    file = tmp_path / "users"
    file.write_text(f"# who\n\nann:{hashed(GOOD)}\nbob:{hashed(GOOD)}\n")
    assert list(read_users(file)) == ["ann", "bob"]
    weak = hashed(GOOD).replace("$16384$", "$2$")
    file.write_text(
        f"ann:{hashed(GOOD)}\nann:{hashed(GOOD)}\n../x:{hashed(GOOD)}\n"
        f"carl:{GOOD}\ndora:{weak}\n"
    )
    with pytest.raises(Refused, match="line 2, 3, 4, 5"):
        read_users(file)
    file.write_text("".join(f"{n}:{hashed(GOOD)}\n" for n in RESERVED))
    with pytest.raises(Refused, match=r"line 1, 2, 3.*none of shared, local, token"):
        read_users(file)
    file.write_text("# nobody\n")
    with pytest.raises(Refused, match="no user"):
        read_users(file)
    with pytest.raises(Refused, match="cannot be read"):
        read_users(tmp_path / "none")


def test_a_password_file_is_one_line(tmp_path):
    file = tmp_path / "secret"
    file.write_bytes(b"with a space at its end \r\n")
    assert read_secret(file) == "with a space at its end "


def test_wrong_tries_wait_longer_each_time_and_are_forgotten():
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    waits = []
    for _ in range(6):
        throttle.failed("1.2.3.4", "ann")
        waits.append(throttle.wait_s("1.2.3.4", "ann"))
        now[0] += waits[-1]
    assert waits == [0, 0, 1, 2, 4, 8]
    assert throttle.wait_s("1.2.3.4", "bob") == 0
    assert throttle.wait_s("5.6.7.8", "ann") == 0  # nobody locks ann out from afar
    throttle.succeeded("1.2.3.4", "ann")
    throttle.failed("1.2.3.4", "ann")
    assert throttle.wait_s("1.2.3.4", "ann") == 0


def test_a_client_that_tries_many_names_waits_too():
    throttle = Throttle(lambda: 0.0)
    for number in range(20):
        throttle.failed("1.2.3.4", f"user {number}")
    assert throttle.wait_s("1.2.3.4", "someone new") > 0


@pytest.mark.parametrize(
    "more",
    [
        {"host": "0.0.0.0"},
        {"host": "192.0.2.1"},
        {"host": "::"},
        {"host": "example.org"},
        {"names": ("plan.example.org",)},
        {"behind_tls": True},
    ],
)
def test_it_does_not_start_open_to_others(tmp_path, more):
    with pytest.raises(Refused, match="password"):
        refuse_if_open(Config(data=tmp_path, **more))
    refuse_if_open(Config(data=tmp_path, password=hashed(GOOD), **more))
    refuse_if_open(Config(data=tmp_path))


def test_the_data_folder_follows_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert default_data() == tmp_path / "dmopt"
