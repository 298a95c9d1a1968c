"""/v1/docs: the OpenAPI document for people, in Swagger UI; /v1/problems: what problems mean.

Every file is served from here and the pages may load from nowhere else, so they work on a network
without a way out, and tell nobody who reads them.
"""

from collections.abc import Mapping
from html import escape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringfence.api.endpoints import PREFIX
from ringfence.api.problems import KINDS, PROBLEMS_PATH, Kind, codes_of

OPENAPI_PATH = f"{PREFIX}/openapi.json"
DOCS_PATH = f"{PREFIX}/docs"
_ASSETS = files("fastapi_swagger") / "resources"
_HEADERS = {
    # Swagger UI sets styles from its script.
    "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_SCRIPT = f"""\
SwaggerUIBundle({{
  url: "{OPENAPI_PATH}",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
}});
"""
_PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ringfence /v1</title>
<link rel="icon" href="{DOCS_PATH}/favicon.png">
<link rel="stylesheet" href="{DOCS_PATH}/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<noscript>The document itself is at <a href="{OPENAPI_PATH}">{OPENAPI_PATH}</a>.</noscript>
<script src="{DOCS_PATH}/swagger-ui-bundle.js"></script>
<script src="{DOCS_PATH}/start.js"></script>
</body>
</html>
"""


def docs_routes() -> list[Route]:
    """Return the paths that people read; they need no key."""
    assets = {
        "swagger-ui.css": ("text/css", _asset("swagger-ui.css")),
        "swagger-ui-bundle.js": ("text/javascript", _asset("swagger-ui-bundle.js")),
        "favicon.png": ("image/png", _asset("favicon-32x32.png")),
        "start.js": ("text/javascript", _SCRIPT.encode()),
    }
    served = [_served(f"{DOCS_PATH}/{name}", *asset) for name, asset in assets.items()]
    pages = {DOCS_PATH: _PAGE, PROBLEMS_PATH: _problems_page(KINDS)}
    return [*(_served(path, "text/html", page.encode()) for path, page in pages.items()), *served]


def _asset(name: str) -> bytes:
    return (_ASSETS / name).read_bytes()


def _served(path: str, media_type: str, content: bytes) -> Route:
    # A page names its files by paths that stay; a day later a new version is seen.
    kept = "no-cache" if media_type == "text/html" else "public, max-age=86400"
    headers = {**_HEADERS, "cache-control": kept}

    async def serve(_: Request) -> Response:
        return Response(content, headers=headers, media_type=media_type)

    return Route(path, serve, include_in_schema=False)


def _problems_page(kinds: Mapping[str, Kind]) -> str:
    rows = "".join(
        f'<tr id="{name}"><td><code>{name}</code></td><td>{kind.status.value}</td>'
        f"<td>{escape(kind.title)}</td><td>{escape(', '.join(codes_of(name)))}</td></tr>\n"
        for name, kind in kinds.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        "<title>Problems of Ringfence /v1</title></head>\n<body>\n<h1>Problems</h1>\n"
        "<p>The kinds of problems (RFC 9457), and what the <code>code</code> of each can be.</p>\n"
        "<table>\n<tr><th>kind</th><th>status</th><th>what it means</th><th>codes</th></tr>\n"
        f"{rows}</table>\n</body>\n</html>\n"
    )
