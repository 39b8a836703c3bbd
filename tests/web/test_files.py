"""Files of a plan as the child writes them: whole, or not there."""

from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from dmopt.maps import static
from dmopt.web import plans
from dmopt.web.line import Line


def test_a_picture_is_there_only_once_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # whoever waits for a file takes it as soon as there is one (routes/files.py)
    for name in ("plan.gpkg", "plan.xlsx", "report.html"):
        (tmp_path / name).write_bytes(b"there already")

    def half(plan: Any, path: Path, result: Any) -> None:
        path.write_bytes(b"\x89P")
        assert not (tmp_path / "map.png").exists()
        raise OSError("no space left")

    monkeypatch.setattr(static, "write_map", half)
    result: Any = SimpleNamespace(plan=object())
    line = Line(lambda content: None, Event())
    with pytest.raises(OSError, match="no space"):
        plans.write_files(result, tmp_path, line)
    assert not (tmp_path / "map.png").exists()
