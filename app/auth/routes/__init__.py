"""Pages of signing in, of one's own account, and of administering people."""

from flask import Blueprint

blueprint = Blueprint("auth", "app.auth", template_folder="templates")
