"""The log's tables, in a schema of their own. Protections that no model can express are in `app.audit.ddl`.

`event` and `pending` are written with the business they record; everything else by the sequencer alone.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, LargeBinary, column, text
from sqlalchemy.orm import Mapped, mapped_column

from app.audit import types
from app.audit.ddl import SEALED_OR_ERASED
from app.db import Instant, db

SCHEMA = "audit"
HASH = 32


class Event(db.Model):
    """What happened. `body` is canonical JSON; `leaf` is what the tree holds of it: the body itself where it is open,
    else only the commitment `c` = H("event", salt ‖ body). A sealed event that was erased has neither salt nor body.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint(f"type ~ '{types.PATTERN}'", name="type_known"),
        CheckConstraint(SEALED_OR_ERASED, name="sealed_has_salt_and_c"),
        CheckConstraint(f"octet_length(salt) = {HASH} AND octet_length(c) = {HASH}", name="sizes"),
        CheckConstraint("octet_length(leaf) <= 65535", name="leaf_fits"),
        Index("ix_event_tender", "tender", "id"),
        Index("ix_event_subject", "subject", "id"),
        Index("ix_event_type", "type", "id", postgresql_where=column("open")),
        {"schema": SCHEMA},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[Instant] = mapped_column(server_default=text("clock_timestamp()"))
    type: Mapped[str]
    actor: Mapped[str]
    subject: Mapped[str]
    tender: Mapped[str | None]
    is_open: Mapped[bool] = mapped_column("open", Boolean)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    commitment: Mapped[bytes | None] = mapped_column("c", LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def is_erased(self) -> bool:
        return not self.is_open and self.salt is None


class Pending(db.Model):
    """Events that have no place in the tree yet. The sequencer takes whatever is here, so a late commit is not lost."""

    __tablename__ = "pending"
    __table_args__ = (
        Index("ix_pending_at", "at", "event_id"),
        Index("ix_pending_tender", "tender"),
        {"schema": SCHEMA},
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    tender: Mapped[str | None]


class Leaf(db.Model):
    """The place of an event in the tree, for ever. `lh` is the leaf hash."""

    __tablename__ = "leaf"
    __table_args__ = (
        CheckConstraint("idx >= 0", name="idx_from_zero"),
        CheckConstraint(f"octet_length(lh) = {HASH}", name="lh_size"),
        {"schema": SCHEMA},
    )

    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    lh: Mapped[bytes] = mapped_column(LargeBinary)


class Tree(db.Model):
    """One row: how many leaves there are, and what is needed to add the next."""

    __tablename__ = "tree"
    __table_args__ = (
        CheckConstraint("one", name="only_one"),
        CheckConstraint(f"size >= 0 AND octet_length(root) = {HASH}", name="size_and_root"),
        {"schema": SCHEMA},
    )

    one: Mapped[bool] = mapped_column(primary_key=True, default=True)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)


class Checkpoint(db.Model):
    """What the log's key signed. The primary key allows one root for each size and no other."""

    __tablename__ = "checkpoint"
    __table_args__ = (CheckConstraint(f"octet_length(root) = {HASH}", name="root_size"), {"schema": SCHEMA})

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str]
    made: Mapped[Instant]


class Cosignature(db.Model):
    """A witness's line under an archived checkpoint. Those of one size together met the policy in force then."""

    __tablename__ = "cosig"
    __table_args__ = ({"schema": SCHEMA},)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[str]
    at: Mapped[Instant]


class Anchor(db.Model):
    """Another's proof of when a checkpoint was there: `kind` "rfc3161", `token` a DER TimeStampResp over its text."""

    __tablename__ = "anchor"
    __table_args__ = (CheckConstraint("kind IN ('rfc3161')", name="kind_known"), {"schema": SCHEMA})

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[Instant]
