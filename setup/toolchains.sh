#!/bin/sh
# Check that the toolchains are there and new enough; name what is missing and how to get it.
set -u

failed=0
# need NAME FOUND_VERSION LEAST_VERSION REMEDY
need() {
    if [ -z "$2" ]; then
        echo "clipshot: $1 is missing. $4" >&2
        failed=1
    elif [ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1)" != "$3" ]; then
        echo "clipshot: $1 $2 is too old, $3 or newer is needed. $4" >&2
        failed=1
    fi
}
first_number() { sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1; }

need Python "$(python3 --version 2>/dev/null | first_number)" 3.11 \
    "On Debian 12 or newer: apt-get install python3 python3-venv"
need Rust "$(cargo --version 2>/dev/null | first_number)" 1.95 \
    "Install it with rustup: https://rustup.rs, then: rustup update stable"
need Go "$(go version 2>/dev/null | sed 's/.*go version go//' | first_number)" 1.26 \
    "Unpack a release from https://go.dev/dl and put its bin folder on PATH"
need Node.js "$(node --version 2>/dev/null | first_number)" 20 \
    "Install it from https://nodejs.org or your distribution"
need npm "$(npm --version 2>/dev/null | first_number)" 9 "It comes with Node.js, or: apt-get install npm"
exit $failed
