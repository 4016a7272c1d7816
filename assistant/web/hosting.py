"""The web server around the page: who the browser is, our own files, exports and reports, and no way out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser

from assistant.web.context import USER_COOKIE, WebContext
from assistant.web.conversation_export import conversation_markdown

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_YEAR_S = 365 * 24 * 3600
_STATIC = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class BrowserKey:
    """Gives each browser a random key in a cookie that scripts cannot read, and forbids loading from elsewhere.

    Plain ASGI: a middleware that buffers would hold back streamed answers.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = _known_key(scope)

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                if not known and scope["path"] == "/":
                    cookie = f"{USER_COOKIE}={uuid.uuid4().hex}; Max-Age={_YEAR_S}; Path=/; HttpOnly; SameSite=Lax"
                    headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _known_key(scope: _Scope) -> bool:
    cookies = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    return bool(re.fullmatch(r"[0-9a-f]{32}", cookie_parser(cookies).get(USER_COOKIE, "")))


def make_server(context: WebContext) -> FastAPI:
    """The server without the page; the page is mounted on it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BrowserKey)

    @app.get("/page/{name}")
    def page_file(name: str) -> Response:
        media_type = _STATIC.get(Path(name).suffix)
        file = files("assistant.web") / "static" / Path(name).name
        if media_type is None or not file.is_file():
            raise HTTPException(404)
        return Response(file.read_bytes(), media_type=media_type, headers={"Cache-Control": "no-cache"})

    @app.get("/export/{conversation_id}.md")
    def export(conversation_id: str, request: Request) -> Response:
        user = request.cookies.get(USER_COOKIE, "")
        conversation = context.store.get(user, conversation_id) if user else None
        if conversation is None:
            raise HTTPException(404, context.texts("ask.missing_conversation"))
        words = conversation_markdown(context, conversation)
        name = re.sub(r"[^a-z0-9]+", "-", conversation.title.lower()).strip("-")[:60] or "conversation"
        headers = {"Content-Disposition": f'attachment; filename="{name}.md"'}
        return Response(words, media_type="text/markdown; charset=utf-8", headers=headers)

    @app.get("/runs/{name}/{file}")
    def run_file(name: str, file: str) -> Response:
        folder = context.assistant.settings.data_dir / "runs"
        path = folder / name / file
        if (
            not re.fullmatch(r"[\w.-]+", name)
            or file not in ("report.html", "report.md", "summary.json")
            or not path.is_file()
        ):
            raise HTTPException(404)
        return FileResponse(path)

    return app
