"""docs/examples.md: the READMEs of the instances, one after the other."""

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTANCES = ROOT / "instances"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
INTRODUCTION = """\
# Examples

*Written by `docs/make_pages.py` from the READMEs in `instances/`; not to be edited.*
"""


def document() -> str:
    """The whole of docs/examples.md."""
    overview = (INSTANCES / "README.md").read_text("utf-8").partition("\n")[2]
    parts = [INTRODUCTION, _moved(overview.strip(), INSTANCES)]
    for name in _names(overview):
        text = (INSTANCES / name / "README.md").read_text("utf-8").strip()
        inner = re.sub(r"^#", "##", text, flags=re.MULTILINE)
        title, _, rest = inner.partition("\n")
        parts += ["", f"{title} {{ #{name} }}", "", f"`instances/{name}`"]
        parts += [_moved(rest.rstrip(), INSTANCES / name)]
    return _lists("\n".join(parts)) + "\n"


def _names(overview: str) -> list[str]:
    """Folders in the order in which the overview names them."""
    named = re.findall(r"\]\(([\w-]+)/README\.md\)", overview)
    return list(dict.fromkeys(named))


def _moved(text: str, folder: Path) -> str:
    """Links of a README in `folder`, as they are from docs/examples.md."""
    place = folder.relative_to(ROOT).as_posix()
    return LINK.sub(lambda found: _link(found[1], found[2], place), text)


def _link(text: str, target: str, place: str) -> str:
    if re.match(r"https?:|#|mailto:", target):
        return f"[{text}]({target})"
    path = posixpath.normpath(posixpath.join(place, target))
    if path.startswith("docs/"):
        return f"[{text}]({path.removeprefix('docs/')})"
    instance = re.fullmatch(r"instances/([\w-]+)(/README\.md)?", path)
    if instance and (INSTANCES / instance[1]).is_dir():
        return f"[{text}](#{instance[1]})"
    return text  # a file of the repository that is no page: its name is enough


def _lists(text: str) -> str:
    """A blank line before each list, which this kind of Markdown asks for."""
    return re.sub(r"(?m)^(?![-\s#|>`])(.+)\n(- )", r"\1\n\n\2", text)
