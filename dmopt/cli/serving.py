"""The command `serve`: the what-if page, for one machine or one office."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmopt.cli.codes import BAD_INPUT
from dmopt.cli.speech import aside, complain, tell

if TYPE_CHECKING:
    from dmopt.web.config import Config

WHO, LIMITS = "Who may use it", "Limits"


def serve(
    instances: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[INSTANCE...]",
            help="instances to plan; without any: those of the data folder",
            show_default=False,
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one")] = 8000,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="folder of history, plans and log  (unless given: dmopt in the user's "
            "data folder)",
        ),
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="open the page in the browser")
    ] = False,
    users: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="who may sign in: lines NAME:HASH, made with --hash-password",
            rich_help_panel=WHO,
        ),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="one password for all (or DMOPT_PASSWORD in the environment; "
            "DMOPT_TOKEN: a token for programs)",
            rich_help_panel=WHO,
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="host name that requests may carry, as people type it",
            rich_help_panel=WHO,
        ),
    ] = None,
    behind_tls: Annotated[
        bool,
        typer.Option(
            "--behind-tls",
            help="a proxy in front speaks TLS: cookies are secure",
            rich_help_panel=WHO,
        ),
    ] = False,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="proxy whose X-Forwarded-For is believed  (with --behind-tls, "
            "unless given: 127.0.0.1)",
            rich_help_panel=WHO,
        ),
    ] = None,
    hash_password: Annotated[
        bool,
        typer.Option(
            "--hash-password",
            help="ask for a name and a password, print a line for the users file, "
            "and end",
            rich_help_panel=WHO,
        ),
    ] = False,
    solves: Annotated[
        int, typer.Option(min=1, help="solves at once", rich_help_panel=LIMITS)
    ] = 2,
    most_time: Annotated[
        float,
        typer.Option(
            min=1, metavar="SECONDS", help="longest solve", rich_help_panel=LIMITS
        ),
    ] = 600.0,
    memory: Annotated[
        float,
        typer.Option(
            min=1,
            metavar="GB",
            help="address space of one solve",
            rich_help_panel=LIMITS,
        ),
    ] = 6.0,
    upload: Annotated[
        float,
        typer.Option(
            min=0.001, metavar="MB", help="largest upload", rich_help_panel=LIMITS
        ),
    ] = 50.0,
) -> None:
    """Serve the what-if page: change rules, sites, prices and demand, and plan again.

    Nothing leaves the machine. Ctrl-C stops it, and solves that run, at once; the
    history is kept. Where others can reach it, it wants a password (docs/serving.md).

    \b
    Examples:
      dmopt serve instances/west-midlands --open
      dmopt serve --host 0.0.0.0 --users users.txt my-city.xlsx
    """
    try:
        from dmopt.web.config import Refused
        from dmopt.web.serve import serve as run
    except ImportError as missing:
        complain(f"{missing.name} is not installed: pip install 'dmopt[web]'")
        raise typer.Exit(BAD_INPUT) from None
    try:
        if hash_password:
            _print_hash()
            return
        config = _config(
            data,
            host,
            port,
            tuple(name or ()),
            users,
            password_file,
            behind_tls,
            tuple(proxy or ()),
            (solves, most_time, memory, upload),
        )
        run(config, instances or [], lambda address: _ready(address, open_page))
    except Refused as error:
        complain(str(error))
        raise typer.Exit(BAD_INPUT) from None


def _ready(address: str, open_page: bool) -> None:
    tell(f"dmopt serve: {address}", "Ctrl-C ends it")
    if open_page:
        import webbrowser

        webbrowser.open(address.partition(" ")[0])


def _config(
    data: Path | None,
    host: str,
    port: int,
    names: tuple[str, ...],
    users: Path | None,
    password_file: Path | None,
    behind_tls: bool,
    proxies: tuple[str, ...],
    limits: tuple[int, float, float, float],
) -> "Config":
    from dmopt.web.config import Config, Limits, Refused, default_data
    from dmopt.web.passwords import hashed, read_secret, read_users, token_hash

    secret = os.environ.get("DMOPT_PASSWORD", "")
    if password_file is not None:
        secret = read_secret(password_file)
        _warn_if_readable(password_file)
    token = os.environ.get("DMOPT_TOKEN", "")
    known = {} if users is None else read_users(users)
    if known and secret:
        raise Refused("give either users or one password for all, not both")
    if behind_tls and not names:
        raise Refused("--behind-tls needs --name, the name that people type")
    solves, most_time, memory, upload = limits
    return Config(
        data=data or default_data(),
        host=host,
        port=port,
        names=names,
        users=known,
        password=hashed(secret) if secret or password_file is not None else "",
        token=token_hash(token) if token else "",
        behind_tls=behind_tls,
        proxies=proxies or (("127.0.0.1", "::1") if behind_tls else ()),
        limits=Limits(
            solves=solves, time_s=most_time, memory_gb=memory, upload_mb=upload
        ),
    )


def _warn_if_readable(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        aside().print(f"{path}: others can read the password; chmod 600 {path}")


def _print_hash() -> None:
    """A line for the users file, on stdout; nothing else goes there."""
    from dmopt.web.config import Refused
    from dmopt.web.passwords import hashed, is_user_name

    name = typer.prompt("name", err=True)
    if not is_user_name(name):
        raise Refused(
            "a name has letters, digits and . _ @ - only, and is none of shared, "
            "local, token"
        )
    password = typer.prompt(
        "password", hide_input=True, confirmation_prompt="again", err=True
    )
    tell(f"{name}:{hashed(password)}")
