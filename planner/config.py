"""Settings of a run: one tree of frozen dataclasses, checked once, where they enter.

Every layer brings its own parameters; this module only joins them, reads TOML into them with
sentences for everything that is wrong, and writes them back.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from layers.core.errors import InputProblem, UsageProblem
from layers.core.plausible import check_plausible
from layers.core.units import unit_label
from planner.parameters import RunConfig

__all__ = ["RunConfig", "read_settings", "settings_dict", "settings_text"]


def read_settings(path: Path | None, changes: dict[str, Any]) -> RunConfig:
    """Read a settings file and lay the command line's own values over it.

    Parameters
    ----------
    path : Path or None
        TOML file, as `planner init` writes it.
    changes : dict
        Top-level settings given on the command line; None means not given.

    Raises
    ------
    InputProblem
        When the file cannot be read or is no TOML.
    UsageProblem
        When a key is unknown or a value is of the wrong kind or out of range; all at once.
    """
    # the defaults' facts stand behind a run also when a file repeats their values
    RunConfig()
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as problem:
            raise InputProblem(f"{path} cannot be read ({problem.strerror}); check --config.") from problem
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise InputProblem(
                f"{path} is no valid TOML ({problem}); `planner init` writes a good one."
            ) from problem
    where = str(path) if path else "the settings"
    problems = _unknown_keys(RunConfig, data, "")
    if problems:
        raise UsageProblem(f"{where}: " + "; ".join(problems) + ".")
    for key, value in changes.items():
        if isinstance(value, dict):
            inner = {name: item for name, item in value.items() if item is not None}
            data[key] = {**data.get(key, {}), **inner}
        elif value is not None:
            data[key] = value
    try:
        config = _adapter().validate_python(data)
        check_plausible(config)
    except UsageProblem as problem:
        raise UsageProblem(f"{where}: {str(problem).rstrip('.')}.") from problem
    except ValidationError as problem:
        found = [
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}, found {error['input']!r}"
            for error in problem.errors()
        ]
        raise UsageProblem(f"{where}: " + "; ".join(found) + ".") from problem
    except ValueError as problem:
        raise UsageProblem(f"{where}: {problem}") from problem
    return config


@cache
def _adapter() -> TypeAdapter[RunConfig]:
    return TypeAdapter(RunConfig)


def _unknown_keys(kind: Any, data: dict[str, Any], place: str) -> list[str]:
    hints = get_type_hints(kind)
    problems = []
    for key, value in data.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1)
            hint = f"; did you mean {near[0]!r}" if near else f"; known are {', '.join(hints)}"
            problems.append(f"unknown setting {place}{key}{hint}")
        elif dataclasses.is_dataclass(hints[key]) and isinstance(value, dict):
            problems += _unknown_keys(hints[key], value, f"{place}{key}.")
    return problems


def settings_dict(config: RunConfig) -> dict[str, Any]:
    """Return settings as plain tables, without what is not set."""

    def plain(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            pairs = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {name: item for name, item in pairs.items() if item is not None}
        if isinstance(value, dict | types.MappingProxyType):
            return {str(name): plain(item) for name, item in value.items()}
        if isinstance(value, tuple | list):
            return [plain(item) for item in value]
        return value

    result = plain(config)
    assert isinstance(result, dict)
    return result


def settings_text(config: RunConfig) -> str:
    """Return settings as TOML with a comment on every line: the unit and what it means."""
    lines = [
        "# Settings of planner. Every value below is the default: delete what you do not change.",
        "# Hand the file over with: planner assess CITY --config THIS_FILE",
        "",
    ]
    meanings = _meanings(type(config))
    groups = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            groups.append((field.name, value))
        elif value is not None:
            lines += _setting_lines(field.name, value, meanings.get(field.name, ""))
    for name, group in groups:
        lines += _group_lines(name, group)
    return "\n".join(lines) + "\n"


def _group_lines(name: str, group: Any) -> list[str]:
    """Return one table of settings: plain values first, then tables within it."""
    meanings = _meanings(type(group))
    plain, tables = ["", f"[{name}]"], []
    for field_name, value in settings_dict(group).items():
        meaning = meanings.get(field_name, "")
        if isinstance(value, dict):
            tables += ["", *_comment(field_name, meaning), *_table_lines(f"{name}.{field_name}", value)]
        else:
            plain += _setting_lines(field_name, value, meaning)
    return [*plain, *tables]


def _table_lines(name: str, table: dict[str, Any]) -> list[str]:
    inner = [key for key, value in table.items() if isinstance(value, dict)]
    lines = [f"[{name}]"] if len(inner) < len(table) or not table else []
    lines += [_assignment(key, value) for key, value in table.items() if key not in inner]
    for key in inner:
        lines += _table_lines(f"{name}.{key}", table[key])
    return lines


def _assignment(name: str, value: Any) -> str:
    """Return one line of TOML; lists stay on their line."""
    import tomli_w

    text = str(tomli_w.dumps({name: value})).rstrip("\n")
    return _flat(text) if "\n" in text else text


def _flat(text: str) -> str:
    head, _, body = text.partition("[")
    items = [item.strip().rstrip(",") for item in body.rstrip("]\n").splitlines() if item.strip()]
    return f"{head}[{', '.join(items)}]"


def _comment(name: str, meaning: str) -> list[str]:
    unit = unit_label(name)
    comment = " ".join(part for part in (meaning, f"[{unit}]" if unit else "") if part)
    return [f"# {comment}"] if comment else []


def _setting_lines(name: str, value: Any, meaning: str) -> list[str]:
    return [*_comment(name, meaning), _assignment(name, value)]


def _meanings(kind: type) -> dict[str, str]:
    """Return what the docstring's Attributes section says of each setting."""
    lines = (kind.__doc__ or "").splitlines()
    found: dict[str, str] = {}
    names: list[str] = []
    inside = False
    for line in lines:
        text = line.strip()
        if text == "Attributes":
            inside = True
        elif inside and line.startswith("    ") and not line.startswith("        ") and text:
            names = [name.strip() for name in text.split(":")[0].split(",")]
        elif inside and text and not set(text) <= {"-"}:
            for name in names:
                found[name] = f"{found.get(name, '')} {text}".strip()
    return found
