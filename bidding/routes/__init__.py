"""The web edge of bidding: pages and JSON endpoints. Each view reads, checks who, calls one service, writes."""

from flask import Blueprint

blueprint = Blueprint(
    "bidding",
    __name__,
    template_folder="../templates",
    static_folder="../static",
    static_url_path="/bidding-static",
)
