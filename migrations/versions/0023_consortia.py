"""Joint bids: what a notice allows, consortia and their members, the parties of a contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.audit import types
from bidding import consortium_ddl
from bidding.ddl import ACCEPT_BID

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_event_type_known"), "event", schema="audit", type_="check")
    op.create_check_constraint(op.f("ck_event_type_known"), "event", f"type ~ '{types.PATTERN}'", schema="audit")
    op.add_column("tenders", sa.Column("joint", postgresql.JSONB(none_as_null=True)))
    _consortia()
    _members()
    _parties()
    for statement in consortium_ddl.statements():
        op.execute(statement)
    op.get_bind().exec_driver_sql(ACCEPT_BID)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON consortia, consortium_members, contract_parties TO naru_app")


def _consortia() -> None:
    op.create_table(
        "consortia",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("agreement_sha256", sa.String()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("concluded_at", INSTANT),
        sa.Column("dissolved_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortia")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_consortia_tender_id_tenders")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisations.id"], name=op.f("fk_consortia_lead_id_organisations")),
        sa.CheckConstraint("kind IN ('joint', 'divided', 'main-contractor')", name=op.f("ck_consortia_kind_known")),
        sa.CheckConstraint("state IN ('forming', 'concluded', 'dissolved')", name=op.f("ck_consortia_state_known")),
        sa.CheckConstraint(
            "state <> 'concluded' OR concluded_at IS NOT NULL", name=op.f("ck_consortia_concluded_has_concluded_at")
        ),
        sa.CheckConstraint(
            "state <> 'dissolved' OR dissolved_at IS NOT NULL", name=op.f("ck_consortia_dissolved_has_dissolved_at")
        ),
        sa.CheckConstraint(
            "state <> 'concluded' OR length(agreement_sha256) = 64", name=op.f("ck_consortia_concluded_has_agreement")
        ),
    )
    op.create_index("ix_consortia_tender", "consortia", ["tender_id", "state"])


def _members() -> None:
    named = "fk_consortium_members_"
    op.create_table(
        "consortium_members",
        sa.Column("consortium_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("is_bound", sa.Boolean(), nullable=False),
        sa.Column("agreed_at", INSTANT),
        sa.Column("agreed_by_id", sa.Uuid()),
        sa.Column("agreed_sha256", sa.String()),
        sa.Column("void_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("consortium_id", "organisation_id", name=op.f("pk_consortium_members")),
        sa.UniqueConstraint("consortium_id", "position", name=op.f("uq_consortium_members_consortium_id_position")),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortia.id"], name=op.f(f"{named}consortium_id_consortia")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f(f"{named}organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f(f"{named}tender_id_tenders")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["people.id"], name=op.f(f"{named}agreed_by_id_people")),
        sa.CheckConstraint("share BETWEEN 0 AND 100000", name=op.f("ck_consortium_members_share_in_range")),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("ck_consortium_members_position_in_range")),
        sa.CheckConstraint("position > 0 OR void_reason = ''", name=op.f("ck_consortium_members_lead_is_not_void")),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by_id IS NULL) AND (agreed_at IS NULL) = (agreed_sha256 IS NULL)",
            name=op.f("ck_consortium_members_agreed_by_somebody"),
        ),
    )
    op.create_index(
        "uq_consortium_members_bound",
        "consortium_members",
        ["tender_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("is_bound"),
    )
    op.create_index("ix_consortium_members_organisation", "consortium_members", ["organisation_id", "consortium_id"])


def _parties() -> None:
    op.create_table(
        "contract_parties",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "position", name=op.f("pk_contract_parties")),
        sa.UniqueConstraint(
            "contract_id", "organisation_id", name=op.f("uq_contract_parties_contract_id_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_parties_contract_id_contracts")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_contract_parties_organisation_id_organisations")
        ),
        sa.CheckConstraint("share BETWEEN 0 AND 100000", name=op.f("ck_contract_parties_share_in_range")),
    )
    op.create_index("ix_contract_parties_organisation", "contract_parties", ["organisation_id"])
