"""Pages that hold everything they show."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import signalopt


def rendered(template: str, language: str, **values: object) -> str:
    """A page as one HTML file that needs nothing else.

    Parameters
    ----------
    template
        Its template.
    language
        Code of the language of its texts.
    values
        What the template shows.
    """
    environment = Environment(
        loader=PackageLoader("signalopt.reporting"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals |= {
        "svg": Markup,
        "language": "zh-Hans" if language == "zh" else language,
        "version": signalopt.__version__,
        "style": Markup(_own("style.css")),  # noqa: S704 (our own file)
        "script": Markup(_own("script.js")),  # noqa: S704 (our own file)
        **values,
    }
    return environment.get_template(template).render()


def _own(name: str) -> str:
    return (files("signalopt.reporting") / "templates" / name).read_text(encoding="utf-8")
