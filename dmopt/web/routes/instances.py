"""Instances: which there are, what they are about, their rules, their map; uploads."""

import secrets
import shutil
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, Response, UploadFile

from dmopt.studies.whatif import Model
from dmopt.web.answers import Done, InstanceAnswer, InstanceDetail, RuleAnswer
from dmopt.web.intake import read_upload
from dmopt.web.routes.common import (
    PROBLEMS,
    Client,
    Seen,
    TheDesk,
    Trouble,
    User,
    packed_json,
)
from dmopt.web.store import Row
from dmopt.web.uploads import has_magic, suffix_of

router = APIRouter(prefix="/api/instances", tags=["instances"], responses=PROBLEMS)
MB = 1_000_000
TYPES: dict[int | str, dict[str, Any]] = {
    415: {"model": PROBLEMS[422]["model"], "description": "Not a kind of file"}
}


@router.get("")
def instances(desk: TheDesk, user: User) -> list[InstanceAnswer]:
    """The instances that the user may plan."""
    used = {row["instance"] for row in desk.store.scenarios(user)}
    return [_answer(row) for row in desk.library.visible(user, used)]


@router.post("", status_code=201, responses=TYPES)
def upload(
    file: Annotated[UploadFile, File(description=".xlsx or .gpkg")],
    desk: TheDesk,
    user: User,
    client: Client,
) -> InstanceAnswer:
    """Take in a workbook or GeoPackage; it is checked whole, and kept as tables."""
    limits = desk.config.limits
    suffix = suffix_of(file.filename)
    if suffix is None:
        raise Trouble(415, "Upload an Excel workbook (.xlsx) or GeoPackage (.gpkg).")
    if not has_magic(file.file.read(100), suffix):
        raise Trouble(415, f"The file is not what {suffix} says it is.")
    own = [row for row in desk.store.instances() if row["owner"] == user]
    if len(own) >= limits.instances:
        raise Trouble(
            409, f"You keep {len(own)} instances, the most there may be: delete some."
        )
    desk.refuse_if_full(user)
    path = desk.uploads / f"{secrets.token_hex(8)}{suffix}"
    try:
        file.file.seek(0)
        with path.open("xb") as copy:
            shutil.copyfileobj(file.file, copy, MB)
        if path.stat().st_size > limits.upload_mb * MB:
            raise Trouble(413, f"A file may have {limits.upload_mb:,.0f} MB at most.")
        id, heard = read_upload(desk, path, user)
    finally:
        path.unlink(missing_ok=True)
    if id is None:
        desk.note(user, client, "upload refused")
        hide = path.name
        raise Trouble(
            422,
            str(heard.get("error") or "The file could not be read."),
            [_named(fault, hide, suffix) for fault in heard.get("faults") or []],
        )
    desk.note(user, client, "upload", id)
    row = desk.library.find(id, user)
    assert row is not None
    return _answer(row)


def _named(fault: dict[str, Any], hide: str, suffix: str) -> dict[str, Any]:
    """A fault without the name that the server gave the file."""
    return fault | {"place": str(fault["place"]).replace(hide, f"your {suffix} file")}


@router.get("/{id}")
def instance(row: Seen, desk: TheDesk) -> InstanceDetail:
    """What an instance is about, and what may be turned in it."""
    about = desk.library.read_json(row["id"], "facts.json.gz")
    return InstanceDetail(id=row["id"], own=row["owner"] is not None, **about)


@router.delete("/{id}")
def delete(row: Seen, desk: TheDesk, user: User, client: Client) -> Done:
    """Delete an instance of one's own that no scenario needs."""
    if row["owner"] != user:
        raise Trouble(403, "It belongs to the server, not to you.")
    if desk.store.scenarios(user, row["id"]):
        raise Trouble(409, "Delete its scenarios first.")
    desk.library.forget(row["id"])
    desk.jobs.children.drop(row["id"])
    desk.note(user, client, "delete instance", row["id"])
    return Done()


@router.get("/{id}/rules")
def rules(
    row: Seen, desk: TheDesk, model: Annotated[Model | None, Query()] = None
) -> list[RuleAnswer]:
    """The rules of an instance under a production model, as sentences and figures."""
    known = desk.library.read_json(row["id"], "rules.json.gz")
    return [RuleAnswer.model_validate(each) for each in known[model or ""]]


@router.get("/{id}/map", response_model=dict[str, Any])
def the_map(request: Request, row: Seen, desk: TheDesk) -> Response:
    """Zones and sites as GeoJSON in degrees."""
    return packed_json(request, desk.library.packed(row["id"], "map.json.gz"))


def _answer(row: Row) -> InstanceAnswer:
    return InstanceAnswer(id=row["id"], own=row["owner"] is not None, **row["about"])
