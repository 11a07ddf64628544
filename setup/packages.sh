#!/bin/sh
# Make sure that the Debian packages listed in the given files are there.
# As root they are installed; otherwise the one command to type is printed.
set -eu

wanted=$(cat "$@")
# A Python of Debian's own keeps venv in a package of its own.
if ! python3 -c 'import ensurepip' 2>/dev/null; then
    wanted="$wanted python3-venv"
fi
missing=
for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -eq 0 ]; then
    echo "==> installing Debian packages:$missing"
    mkdir -p build
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $command -qq; } >build/packages.log 2>&1 || {
        tail -n 20 build/packages.log
        echo "clipshot: these packages could not be installed; the whole log is in build/packages.log." >&2
        echo "clipshot: mend what it says (often the network or a lock), then run make again." >&2
        exit 1
    }
else
    echo "clipshot: Debian packages are missing. Type this, then run make again:" >&2
    echo "    sudo $command" >&2
    exit 1
fi
