"""Pictures of several plans side by side."""

import struct

from dmopt.maps import study
from dmopt.maps.static import A4_LANDSCAPE, DPI
from tests.line import line
from tests.rules.solved import solved


def height_of(path) -> int:
    """Of a PNG, in pixels: eight bytes into its first chunk's width and height."""
    return struct.unpack(">II", path.read_bytes()[16:24])[1]


def test_with_many_plans_the_picture_is_higher_and_no_map_smaller(
    tmp_path, monkeypatch
):
    boxes = []
    monkeypatch.setattr(
        study, "_draw_plan", lambda figure, *rest: boxes.append((figure, rest))
    )
    monkeypatch.setattr(study, "_draw_legend", lambda *given: None)
    instance = line()
    plan = ("a plan", solved(instance))
    page = round(A4_LANDSCAPE[1] * DPI)
    for count, pages in ((9, 1), (10, 4 / 3), (18, 2)):
        study.draw_plans(instance, [plan] * count, "Many", tmp_path / "maps.png")
        assert abs(height_of(tmp_path / "maps.png") - pages * page) <= 2
        figure, (*_, down) = boxes[-1]
        # a row of maps is as high as a third of the page
        assert figure.get_figheight() / down * 3 >= A4_LANDSCAPE[1] * (1 - 1e-9)
