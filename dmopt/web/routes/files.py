"""Downloads of a scenario."""

import asyncio
from enum import StrEnum

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from dmopt.web.library import slug
from dmopt.web.routes.common import (
    PROBLEMS,
    Client,
    Scenario,
    TheDesk,
    Trouble,
    User,
)

router = APIRouter(prefix="/api/scenarios", tags=["files"], responses=PROBLEMS)
WAIT_S, LOOK_S = 25.0, 0.5
"""How long a download waits for a file that is still being written."""
SANDBOX = "sandbox; default-src 'none'"
"""What a download may do if a browser shows it after all: nothing."""


class Name(StrEnum):
    """Files that there are."""

    GPKG = "plan.gpkg"
    XLSX = "plan.xlsx"
    REPORT = "report.html"
    MAP = "map.png"


MEDIA = {
    Name.GPKG: "application/geopackage+sqlite3",
    Name.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Name.REPORT: "text/html",
    Name.MAP: "image/png",
}


@router.get(
    "/{id}/files/{name}",
    response_class=FileResponse,
    responses={200: {"content": {media: {} for media in MEDIA.values()}}},
)
async def download(
    name: Name, row: Scenario, desk: TheDesk, user: User, client: Client
) -> FileResponse:
    """A file of the plan; always as a download, never shown as a page."""
    if not row["verified"]:
        raise Trouble(404, "There is no plan, and so no file.")
    path = await run_in_threadpool(desk.file, row, name.value)
    waited = 0.0
    while path is None and waited < WAIT_S and not desk.jobs.closed:
        await asyncio.sleep(LOOK_S)
        waited += LOOK_S
        there = desk.folder(row["id"]) / name.value
        path = there if there.exists() else None
        error = desk.file_errors.get(row["id"])
        if path is None and error is not None:
            raise Trouble(409, f"The file could not be made. {error}")
    if path is None:
        raise Trouble(
            409,
            "The file is still being written: try again in a moment.",
            headers={"Retry-After": "10"},
        )
    await run_in_threadpool(desk.note, user, client, "download", row["id"], name.value)
    shown = f"{slug(row['name'])}-{name.value}"
    return FileResponse(
        path,
        media_type=MEDIA[name],
        filename=shown,
        headers={"Content-Security-Policy": SANDBOX, "Cache-Control": "no-store"},
    )
