"""Rule data: the versions that were used here, and changes of them by two operators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.audit import types
from app.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_versions",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_rule_versions_sha256_spelled")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_versions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_rule_versions_sha256")),
    )
    op.create_table(
        "rule_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("base_version", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'adopted', 'dropped')", name=op.f("ck_rule_changes_state_known")
        ),
        sa.CheckConstraint(
            "state <> 'proposed' OR proposed_at IS NOT NULL", name=op.f("ck_rule_changes_proposed_has_proposed_at")
        ),
        sa.CheckConstraint(
            "state <> 'adopted' OR decided_at IS NOT NULL", name=op.f("ck_rule_changes_adopted_has_decided_at")
        ),
        sa.CheckConstraint(
            "state <> 'dropped' OR decided_at IS NOT NULL", name=op.f("ck_rule_changes_dropped_has_decided_at")
        ),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_rule_changes_two_persons")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'adopted') OR proposed_by_id IS NOT NULL",
            name=op.f("ck_rule_changes_proposed_has_person"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'adopted') OR sha256 IS NOT NULL",
            name=op.f("ck_rule_changes_proposed_has_sha256"),
        ),
        sa.CheckConstraint(
            "(state = 'adopted') = (version IS NOT NULL)", name=op.f("ck_rule_changes_adopted_has_version")
        ),
        sa.CheckConstraint(
            "(state = 'adopted') = (decided_by_id IS NOT NULL)", name=op.f("ck_rule_changes_adopted_has_person")
        ),
        sa.ForeignKeyConstraint(
            ["base_version"], ["rule_versions.version"], name=op.f("fk_rule_changes_base_version_rule_versions")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["rule_versions.version"], name=op.f("fk_rule_changes_version_rule_versions")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["people.id"], name=op.f("fk_rule_changes_created_by_id_people")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name=op.f("fk_rule_changes_proposed_by_id_people")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_rule_changes_decided_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_changes")),
    )
    op.create_index("uq_rule_changes_version", "rule_changes", ["version"], unique=True)
    op.create_index(
        "ix_rule_changes_adopted",
        "rule_changes",
        [sa.text("decided_at DESC")],
        postgresql_where=sa.text("state = 'adopted'"),
    )
    op.create_index("ix_rule_changes_created", "rule_changes", [sa.text("created_at DESC")])
    op.drop_constraint(op.f("ck_event_type_known"), "event", schema="audit")
    op.create_check_constraint(op.f("ck_event_type_known"), "event", f"type ~ '{types.PATTERN}'", schema="audit")
    # What was in force stays readable: a version is written once.
    op.execute("GRANT SELECT, INSERT ON rule_versions TO naru_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON rule_changes TO naru_app")
