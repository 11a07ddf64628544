#!/bin/sh
# Make .venv and install the exact pins of constraints.txt into it.
set -eu

[ -x .venv/bin/python ] || python3 -m venv .venv
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check "$(grep '^uv==' constraints.txt)"
.venv/bin/uv pip install --quiet --python .venv/bin/python --requirements constraints.txt
