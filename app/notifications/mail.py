"""Mail through Flask-Mailman: SMTP where a server is set, else files in NARU_VAR/mail for one machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_mailman import EmailMessage, Mail

mail = Mail()
SECONDS = 15  # a mail server that hangs must not hold a worker


def send_mail(to: str, subject: str, body: str, *, message_id: str) -> None:
    """Hand one plain-text mail to the server. Call it from a job, never from a request.

    `message_id` names the mail for good: a second copy carries the same. Raises OSError or SMTPException where the
    server cannot take it; the job is then tried again.
    """
    host = urlsplit(current_app.config["NARU_BASE_URL"]).hostname or "localhost"
    headers = {"Message-ID": f"<{message_id}@{host}>", "Auto-Submitted": "auto-generated"}
    one_line = " ".join(subject.split())
    EmailMessage(_("[Naru] %(subject)s", subject=one_line), body, to=[to], headers=headers).send()


def init_app(app: Flask) -> None:
    if app.config["MAIL_SERVER"]:
        app.config.setdefault("MAIL_BACKEND", "smtp")
    else:
        folder = Path(app.config["NARU_VAR"]).absolute() / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        app.config.setdefault("MAIL_BACKEND", "file")
        app.config.setdefault("MAIL_FILE_PATH", str(folder))
    app.config.setdefault("MAIL_TIMEOUT", SECONDS)
    mail.init_app(app)
