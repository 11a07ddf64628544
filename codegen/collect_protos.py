"""Copy third-party .proto files out of installed packages into ``build/protos``.

Nothing third-party is committed: google/api and google/rpc come from googleapis-common-protos, validate.proto from the
Go module of protovalidate, whose source is fetched by the Go client and read from its module cache.
"""

import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "protos"
GOOGLE = (
    "google/api/annotations.proto",
    "google/api/http.proto",
    "google/api/httpbody.proto",
    "google/rpc/status.proto",
    "google/rpc/error_details.proto",
    "google/rpc/code.proto",
)
# `go mod tidy` drops a module that no Go code imports, so the pin stands here.
PROTOVALIDATE = "github.com/bufbuild/protovalidate@v1.2.2"


def google_root() -> Path:
    spec = find_spec("google.api")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("googleapis-common-protos is not installed in this environment")
    return Path(next(iter(spec.submodule_search_locations))).parent.parent


def go_module(module: str) -> Path:
    answer = subprocess.run(
        ["go", "mod", "download", "-json", module],
        cwd=ROOT / "server" / "gateway",
        env={**os.environ, "GOFLAGS": "-mod=mod"},
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(json.loads(answer.stdout)["Dir"])


def put(source: Path, relative: str) -> None:
    target = OUT / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    google = google_root()
    for relative in GOOGLE:
        put(google / relative, relative)
    validate = "buf/validate/validate.proto"
    put(go_module(PROTOVALIDATE) / "proto" / "protovalidate" / validate, validate)


if __name__ == "__main__":
    main()
