"""Logs are JSON where nobody looks on, and never hold a secret."""

import json
import subprocess
import sys

import pytest

from clipshot.logging import SecretMask

_PROGRAM = """
import logging, structlog
from clipshot.logging import configure_logging
configure_logging(debug=False, secrets=("planted-key",))
log = structlog.get_logger("clipshot.some")
log.info("call", method="/x", api_key="a", nested={"Cookie": "b", "text": "has planted-key inside"})
log.debug("hidden")
logging.getLogger("other").warning("url ?sig=planted-key")
try:
    raise ValueError("planted-key")
except ValueError:
    log.exception("failed")
"""


def test_lines_are_json_and_secrets_are_masked() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["call", "url ?sig=***", "failed"]
    assert lines[0]["api_key"] == "***"
    assert lines[0]["nested"] == {"Cookie": "***", "text": "has *** inside"}
    assert lines[0]["method"] == "/x"
    assert {line["level"] for line in lines} == {"info", "warning", "error"}
    assert "ValueError" in lines[2]["exception"]
    assert "planted" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["api_key", "X-API-Key", "secret", "cookie", "sig", "signature", "authorization"])
def test_secret_names_are_masked(name: str) -> None:
    assert SecretMask()(None, "info", {name: "value"}) == {name: "***"}


@pytest.mark.parametrize("name", ["keyframes", "design", "method", "key_file", "cookies_seen"])
def test_other_names_are_not(name: str) -> None:
    assert SecretMask()(None, "info", {name: "value"}) == {name: "value"}
