"""A client of the server that runs here."""

import json
import os
from pathlib import Path

from clipshot_rest import ApiClient, Configuration


def connect() -> ApiClient:
    data_dir = Path(os.environ.get("CLIPSHOT_DATA_DIR", "~/.clipshot")).expanduser()
    rest = json.loads((data_dir / "run.json").read_text())["rest"]
    key = (data_dir / "api-key").read_text().strip()
    return ApiClient(Configuration(host=rest.rstrip("/"), api_key={"apiKey": key}))
