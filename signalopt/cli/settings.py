"""Values of options from the environment and from configuration files.

Flags come first, then the environment, then the project's file, then the user's, then defaults.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signalopt.errors import InputError
from signalopt.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "SIGNALOPT"
PROJECT_FILE = "signalopt.toml"
USER_FILE = "config.toml"
_NOT_SET_BY_FILES = {"help", "version"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The value of an option and where it comes from.

    Attributes
    ----------
    command, option
        Words of the command, and the option without dashes.
    value
        As the command will see it.
    kind
        ``"environment"``, ``"project file"``, ``"user file"`` or ``"default"``.
    origin
        The variable of the environment, or the key in the file; empty for a default.
    """

    command: tuple[str, ...]
    option: str
    value: Any
    kind: str = "default"
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A configuration file: its path and the table that counts."""

    kind: str
    path: Path
    table: Mapping[str, Any]


def defaults(path: tuple[str, ...], command: click.Command) -> dict[str, Any]:
    """What environment and files say about a command, by parameter name, for click.

    Parameters
    ----------
    path
        Words of the command, such as ``("corridor", "find")``.
    command
        The command.

    Raises
    ------
    InputError
        If a file is broken, or names an option that does not exist or a value that does not fit.
    """
    for source in sources():
        _require_known(source, path, command)
    return {
        parameter.name: setting.value
        for parameter in options_of(command)
        if (setting := _lookup(path, parameter)) is not None and parameter.name is not None
    }


def settings(path: tuple[str, ...], command: click.Command) -> Iterator[Setting]:
    """Every option of a command with its value and where it comes from, flags aside.

    Raises
    ------
    InputError
        As `defaults`.
    """
    for source in sources():
        _require_known(source, path, command)
    context = click.Context(command)
    for parameter in options_of(command):
        found = _lookup(path, parameter)
        if found is None:
            default = parameter.get_default(context)
            value = default if isinstance(default, str | int | float) else None
            found = Setting(command=path, option=option_name(parameter), value=value)
        yield found


def options_of(command: click.Command) -> list[click.Option]:
    """The options of a command that may be set beforehand."""
    found = [p for p in command.params if isinstance(p, click.Option)]
    return [p for p in found if p.name not in _NOT_SET_BY_FILES]


def option_name(option: click.Option) -> str:
    """The long name of an option without its dashes."""
    return max(option.opts, key=len).lstrip("-")


def sources() -> tuple[Source, ...]:
    """The configuration files that there are, the strongest first.

    Raises
    ------
    InputError
        If one is broken.
    """
    return _read(Path.cwd(), user_file())


def user_file() -> Path:
    """Where the user's file is looked for."""
    return Path(click.get_app_dir("signalopt")) / USER_FILE


@cache
def _read(here: Path, user: Path) -> tuple[Source, ...]:
    found = []
    for folder in (here, *here.parents):
        own = folder / PROJECT_FILE
        if own.is_file():
            found.append(Source(kind="project file", path=own, table=_toml(own)))
            break
        python = folder / "pyproject.toml"
        if python.is_file():
            table = _toml(python).get("tool", {}).get("signalopt")
            if table is not None:
                found.append(Source(kind="project file", path=python, table=table))
                break
    if user.is_file():
        found.append(Source(kind="user file", path=user, table=_toml(user)))
    return tuple(found)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"configuration {path} cannot be read ({error.strerror}); check its permissions"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"configuration {path} is not TOML: {error}; correct it") from error


def _lookup(path: tuple[str, ...], option: click.Option) -> Setting | None:
    name = option_name(option)
    for words in ((*path, name), (name,)):
        variable = "_".join((PREFIX, *words)).upper().replace("-", "_")
        text = os.environ.get(variable)
        if text is not None:
            raw: Any = option.type.split_envvar_value(text) if option.multiple else text
            setting = Setting(
                command=path, option=name, value=raw, kind="environment", origin=variable
            )
            return _checked(setting, option)
    for source in sources():
        for words, table in _tables(source, path):
            for key in (name, name.replace("-", "_")):
                if key in table:
                    setting = Setting(
                        command=path,
                        option=name,
                        value=table[key],
                        kind=source.kind,
                        origin=".".join((*words, key)),
                    )
                    return _checked(setting, option, source.path)
    return None


def _tables(
    source: Source, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The command's own table, then the one for all commands."""
    table: Any = source.table
    for word in path:
        table = table.get(word) if isinstance(table, dict) else None
    if isinstance(table, dict):
        yield path, table
    yield (), source.table


def _checked(setting: Setting, option: click.Option, file: Path | None = None) -> Setting:
    """A setting with its value checked; paths in files count from the file."""
    raw = setting.value
    where = setting.origin if file is None else f"configuration {file}: {setting.origin}"
    if option.multiple != isinstance(raw, list):
        wanted = "a list" if option.multiple else "one value"
        raise InputError(f"{where} is {raw!r}; it must be {wanted}")
    checked = []
    for value in raw if isinstance(raw, list) else [raw]:
        try:
            one = option.type.convert(value, option, None)
        except click.BadParameter as error:
            raise InputError(f"{where} is {value!r}: {error.message.rstrip('.')}") from error
        if file is not None and isinstance(option.type, click.Path):
            one = file.parent / one
        checked.append(one)
    return replace(setting, value=tuple(checked) if option.multiple else checked[0])


def _require_known(source: Source, path: tuple[str, ...], command: click.Command) -> None:
    """Refuse keys that no command, or not this one, knows."""
    own = {option_name(o) for o in options_of(command)}
    for words, table in _tables(source, path):
        known = own if words else own | set(_all_names())
        for key, value in table.items():
            if isinstance(value, dict) and not words:
                continue
            if key.replace("_", "-") not in known:
                where = f"{'.'.join(words)} has" if words else "any command has"
                raise InputError(
                    f"configuration {source.path}: key {key!r} is no option that {where}; "
                    + did_you_mean(key.replace("_", "-"), known, "remove it")
                )


@cache
def _all_names() -> frozenset[str]:
    """Names of all options of all commands."""
    return frozenset(option_name(o) for _, c in every_command() for o in options_of(c))


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands with their words, those of groups behind the name of their group."""
    from signalopt.cli.main import cli  # noqa: PLC0415 (it imports this module's user)

    def walk(
        group: click.Group, words: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            if isinstance(found, click.Group):
                yield from walk(found, (*words, name))
            elif found is not None:
                yield (*words, name), found

    yield from walk(cli, ())
