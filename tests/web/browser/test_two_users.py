"""Two people at once, and a server that is killed in between."""

import signal
from pathlib import Path

from tests.browser import Browser
from tests.web.browser.page import NARROW, WIDE, WhatIf
from tests.web.server import ANN, BOB, TOWN, Live, users


def test_two_people_and_a_restart(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text("".join(f"{name}:{kept}\n" for name, kept in users().items()))
    server = Live(tmp_path / "data", "--users", file, TOWN)
    port = server.port
    try:
        ann = signed_in(browser, server, "ann", ANN, WIDE)
        bob = signed_in(browser, server, "bob", BOB, NARROW)
        ann.click_site("hill-street")
        ann.begin("By Ann")
        bob.begin("By Bob")
        ann.ended("By Ann")
        bob.ended("By Bob")
        assert ann.state("wish.sites") == {"hill-street": "open"}
        assert bob.state("wish.sites") == {}
        assert names(ann) == ["By Ann"]
        assert names(bob) == ["By Bob"]

        bob.part("map")
        bob.click_site("quay-works")
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        ann.part("history")
        ann.page.click("text=Rename")
        ann.page.fill("[data-focus='new-name']", "Ann's plan")
        ann.page.keyboard.press("Enter")
        notice = ann.page.wait_for_selector("#notice .notice")
        assert notice is not None
        assert "does not answer" in notice.inner_text()
        expected = len(ann.seen.errors)  # the browser notes each request that failed
        assert all("ERR_CONNECTION" in text for text in ann.seen.errors), expected
    finally:
        server.end()

    again = Live(tmp_path / "data", "--users", file, "--port", port, TOWN)
    try:
        for person, name in ((ann, "By Ann"), (bob, "By Bob")):
            person.page.reload()
            person.opened()
            assert names(person) == [name]
            assert person.state("shown.cost") > 0
        # what Bob changed and had not planned yet is still there
        assert bob.state("wish.sites") == {"quay-works": "open"}
        bob.plan("After the restart")
        assert names(bob) == ["After the restart", "By Bob"]
        assert ann.seen.outside == [] and bob.seen.outside == []
    finally:
        again.end()


def test_the_page_goes_on_when_the_server_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    server = Live(tmp_path / "data", TOWN)
    try:
        what_if = WhatIf(browser, server.address).opened()
        what_if.begin("Interrupted", gap="0.001", limit="60")
        what_if.click_site("quay-works")
    finally:
        server.end()
    what_if.page.wait_for_selector("#notice .notice")
    again = Live(tmp_path / "data", "--port", server.port, TOWN)
    try:
        what_if.until("!document.querySelector('#notice .notice')")
        what_if.until("dmopt.store.get().runningId === null")
        assert what_if.state("wish.sites") == {"quay-works": "open"}
        # killed in mid-solve it says so; had it just ended, its plan is there
        shown = what_if.state("shown")
        assert shown["state"] == "done" or "stopped" in shown["error"]
        what_if.plan("Once more")
        assert what_if.state("shown.cost") > 0
    finally:
        again.end()


def signed_in(
    browser: Browser, server: Live, user: str, password: str, size: tuple[int, int]
) -> WhatIf:
    what_if = WhatIf(browser, server.address, size)
    page = what_if.page
    page.wait_for_selector("#sign-in[open]")
    page.fill("#sign-in-user", user)
    page.fill("#sign-in-password", password)
    page.keyboard.press("Enter")
    what_if.opened()
    assert not page.is_visible("#sign-in")
    return what_if


def names(what_if: WhatIf) -> list[str]:
    what_if.part("history")
    what_if.page.wait_for_selector("#history .name")
    return list(what_if.page.locator("#history .name").all_inner_texts())
