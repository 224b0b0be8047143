"""Contracts over HTTP."""

from flask import Blueprint

blueprint = Blueprint("contracts", __name__, template_folder="../templates")

from contracts.routes import desk, negotiation, performance, register  # noqa: E402, F401 - attach their views
