"""A time stamp over a bid (RFC 3161), as a bid file keeps it: what it is over and when.

Twin of `static/bidding/stamp.js`. The imprint is SHA-256 of the statement hash's 32 bytes. Whether an authority signed
it is `openssl ts -verify`'s to say, with a root that the reader trusts: a file vouches for nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from rfc3161_client import decode_timestamp_response


def imprint_of(stmt: str) -> str:
    """What a stamp over the bid `stmt` (hex) is over, in hex."""
    return hashlib.sha256(bytes.fromhex(stmt)).hexdigest()


def stamped_at(token: bytes, stmt: str) -> datetime:
    """The time in a DER TimeStampResp over `stmt`. ValueError where it is none, or over something else."""
    info = decode_timestamp_response(token).tst_info
    if info.message_imprint.message.hex() != imprint_of(stmt):
        raise ValueError("a time stamp over something else")
    return info.gen_time
