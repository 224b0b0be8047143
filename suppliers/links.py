"""The secret of a mailed one-time link: a signature over its id, so that nothing secret is stored. Pure."""

from __future__ import annotations

from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

_SALT = "suppliers.email-link"


def token_of(link_id: UUID, secret_key: str) -> str:
    """What stands in the mailed address."""
    token = URLSafeSerializer(secret_key, salt=_SALT).dumps(link_id.hex)
    return token if isinstance(token, str) else token.decode()


def find_link_id(token: str, secret_key: str) -> UUID | None:
    """The id that `token_of` signed, or None where the signature is not ours."""
    try:
        return UUID(URLSafeSerializer(secret_key, salt=_SALT).loads(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None
