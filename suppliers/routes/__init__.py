"""The registry over HTTP."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("suppliers", __name__, template_folder="../templates")
