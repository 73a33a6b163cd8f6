"""README, command line and events say the same."""

import re

from debate_server.web.debates import routes as debates
from debate_server.web.many import routes as many
from debate_server.web.messages import routes as messages
from debate_server.web.metrics import routes as metrics
from debate_server.web.offers import routes as offers
from debate_server.web.openapi import routes as openapi
from scripts.readme import README, filled

TEXT = README.read_text(encoding="utf-8")


def test_the_readmes_tables_are_what_the_code_declares() -> None:
    assert filled(TEXT) == TEXT, "run: .venv/bin/python -m scripts.readme"


def test_every_route_is_in_the_readme() -> None:
    for route in [*debates, *messages, *many, *offers, *metrics, *openapi]:
        path = re.sub(r"\{debate\}", "{id}", route.path).split("{kind")[0]
        assert path.rstrip(".") in TEXT, path


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (README.parent / target).exists(), target
