"""Gather what the gateway embeds, below ``server/gateway/assets``: the documentation's pages and bundles, and the page.

The bundles of Swagger UI and ReDoc come out of the npm packages that ``server/gateway/docs/package-lock.json`` pins, so
that no page loads anything from elsewhere. ``finish_openapi.py`` puts ``openapi.json`` beside them.
"""

import shutil
import sys
from pathlib import Path

GATEWAY = Path(__file__).resolve().parent.parent / "server" / "gateway"
DOCS = GATEWAY / "docs"
PAGE = GATEWAY / "web"
ASSETS = GATEWAY / "assets"

OWN = ("*.html", "*.css", "*-start.js")
BUNDLES = (
    "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
    "redoc/bundles/redoc.standalone.js",
    "redoc/bundles/redoc.standalone.js.LICENSE.txt",
)
# ReDoc shows this picture below its menu, and nothing where it cannot be loaded.
REDOC_PICTURE = "https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_PICTURE = "data:,"


def gather_docs(target: Path) -> None:
    target.mkdir(parents=True)
    for pattern in OWN:
        for file in DOCS.glob(pattern):
            shutil.copyfile(file, target / file.name)
    for bundle in BUNDLES:
        source = DOCS / "node_modules" / bundle
        if not source.is_file():
            sys.exit(f"{source} is missing; run: npm ci --prefix {DOCS}")
        shutil.copyfile(source, target / source.name)
    redoc = target / "redoc.standalone.js"
    text = redoc.read_text()
    if REDOC_PICTURE not in text:
        sys.exit("ReDoc's bundle has changed: look what it loads from elsewhere now")
    redoc.write_text(text.replace(REDOC_PICTURE, NO_PICTURE))


def gather_page(target: Path) -> None:
    shutil.copytree(PAGE, target, ignore=shutil.ignore_patterns("README.md", "package.json", "jsconfig.json", "*.d.ts"))


def main() -> None:
    for folder, gather in ((ASSETS / "docs", gather_docs), (ASSETS / "page", gather_page)):
        shutil.rmtree(folder, ignore_errors=True)
        gather(folder)


if __name__ == "__main__":
    main()
