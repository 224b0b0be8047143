"""Whoever comes to a committee's opening comes to one of its sessions: proposals first, prices later."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


KEY = "pk_opening_attendance"
ONE = "uq_opening_attendance_presiding"
STATEMENTS = f"""
ALTER TABLE opening_attendance ADD COLUMN session INTEGER NOT NULL DEFAULT 1;
ALTER TABLE opening_attendance ALTER COLUMN session DROP DEFAULT;
ALTER TABLE opening_attendance ADD CONSTRAINT ck_opening_attendance_session_known CHECK (session IN (1, 2));
ALTER TABLE opening_attendance DROP CONSTRAINT {KEY};
ALTER TABLE opening_attendance ADD CONSTRAINT {KEY} PRIMARY KEY (tender_id, person_id, session);
DROP INDEX {ONE};
CREATE UNIQUE INDEX {ONE} ON opening_attendance (tender_id, session) WHERE role = 'presiding';
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
