"""What can be said of the page without a browser: its parts fit together, and it obeys its own rules."""

import re
from pathlib import Path

import pytest

from clipshot.gen.events.v1.event_pb2 import Event
from clipshot.gen.options.v1.event_pb2 import event_facts

PAGE = Path(__file__).parents[2] / "server" / "gateway" / "web"
SCRIPTS = sorted(PAGE.rglob("*.js"))
HTML = (PAGE / "index.html").read_text()


def event_types() -> set[str]:
    """Every type in the catalogue."""
    options = (field.GetOptions() for field in Event.DESCRIPTOR.fields)
    return {each.Extensions[event_facts].type for each in options if each.HasExtension(event_facts)}


def test_every_id_that_a_script_wants_is_there_once() -> None:
    ids = re.findall(r'\bid="([^"]+)"', HTML)
    assert len(ids) == len(set(ids))
    wanted = {
        name for script in SCRIPTS for name in re.findall(r'(?:byId|byButton|made)\("([^"]+)"\)', script.read_text())
    }
    assert wanted
    assert wanted <= set(ids)


def test_every_event_that_it_listens_to_exists() -> None:
    heard = set(re.findall(r'^    "([a-z]+:[a-z_]+)":', (PAGE / "app.js").read_text(), flags=re.MULTILINE))
    assert heard
    assert heard <= event_types()


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", HTML)
    assert all(re.search(r'\ssrc="/', tag) for tag in re.findall(r"<script[^>]*>", HTML))
    for address in re.findall(r'\b(?:src|href)="([^"]+)"', HTML):
        assert address.startswith("/")
        assert address == "/docs" or (PAGE / address.removeprefix("/")).is_file()
    for sheet in PAGE.glob("styles/*.css"):
        assert f'href="/styles/{sheet.name}"' in HTML
        assert not re.search(r"@import|url\(", sheet.read_text())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(PAGE)))
def test_texts_are_never_markup_and_imports_exist(script: Path) -> None:
    text = script.read_text()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser", text
    )
    for module in re.findall(r'\bfrom "([^"]+)"', text):
        assert (script.parent / module).is_file()


@pytest.mark.parametrize(
    "name",
    [
        *("login-hint", "status", "live", "save-30", "record", "clip-list", "clip-card", "player"),
        *("pause", "split", "mark", "screenshot", "buffer-switch", "findings", "tracks", "markers"),
    ],
)
def test_parts_that_browser_tests_look_for(name: str) -> None:
    assert HTML.count(f'data-testid="{name}"') == 1
