"""Security headers on every response, and the nonce that scripts need."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request

from app.auth import current_actor

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TWO_YEARS = 63_072_000
# The viewer that browsers build around a PDF brings its own inline styles.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def csp_nonce() -> str:
    """This request's nonce: made once, the same in the page and in the header."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def content_security_policy(nonce: str, *, is_https: bool) -> str:
    """The policy of a page. Nothing loads from another origin, and only scripts that carry the nonce run."""
    directives = [
        "default-src 'none'",
        f"script-src 'nonce-{nonce}' 'strict-dynamic'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types naru",
    ]
    return "; ".join([*directives, "upgrade-insecure-requests"] if is_https else directives)


def _cache_control() -> str:
    if request.endpoint == "static" or (request.endpoint or "").endswith(".static"):
        # A versioned address never changes its content; any other is asked for again each time.
        return "public, max-age=31536000, immutable" if "v" in request.args else "public, no-cache"
    return "no-store" if current_actor().is_signed_in else "no-cache"


def add_headers(response: Response) -> Response:
    """Complete a response. What a view said about caching stays, unless the page is somebody's own."""
    said = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in FIXED.items() if name.lower() not in said])
    is_https = current_app.config["NARU_BASE_URL"].startswith("https://")
    if response.mimetype == "application/pdf":
        policy = PDF_POLICY
    else:
        policy = content_security_policy(csp_nonce(), is_https=is_https)
    response.headers.setdefault("Content-Security-Policy", policy)  # a download's own policy is stricter
    if is_https:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    is_own_page = response.mimetype == "text/html" and current_actor().is_signed_in
    if is_own_page or "Cache-Control" not in response.headers or request.endpoint == "static":
        response.headers["Cache-Control"] = _cache_control()
    return response


def init_app(app: Flask) -> None:
    app.after_request(add_headers)

    @app.context_processor
    def give_nonce() -> dict[str, str]:
        return {"csp_nonce": csp_nonce()}
