"""Every table, the roles' rights, and the audit log's protection: the schema of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.audit import ddl
from app.db import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = ("naru_app", "naru_sequencer", "naru_auditor")


def upgrade() -> None:
    _prepare()
    _make_sequences()
    _make_tables()
    _grant()
    for statement in ddl.STATEMENTS:
        op.execute(statement)


def _prepare() -> None:
    for extension in ("pg_trgm", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for role in ROLES:
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
        )
    op.execute("CREATE SCHEMA IF NOT EXISTS audit")
    op.execute("GRANT USAGE ON SCHEMA public TO naru_app, naru_sequencer, naru_auditor")


def _make_sequences() -> None:
    op.execute("CREATE SEQUENCE supplier_registration_numbers")


def _grant() -> None:
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO naru_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM naru_app")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO naru_app")


def _make_tables() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made", UtcDateTime(), nullable=False),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_checkpoint_root_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
        schema="audit",
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("tender", sa.String(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("c", sa.LargeBinary(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "type ~ '^(reveal|(tender|bid|box|keyholder|opening|draw|evaluation|award|contract|supplier|organisation|person|officer|role|auth|access|document|export|config|client|server|log|clock|outage)\\.[a-z]+(_[a-z]+)*)$'",
            name=op.f("ck_event_type_known"),
        ),
        sa.CheckConstraint("octet_length(leaf) <= 65535", name=op.f("ck_event_leaf_fits")),
        sa.CheckConstraint("octet_length(salt) = 32 AND octet_length(c) = 32", name=op.f("ck_event_sizes")),
        sa.CheckConstraint("open = (salt IS NULL) AND open = (c IS NULL)", name=op.f("ck_event_sealed_has_salt_and_c")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        schema="audit",
    )
    op.create_index("ix_event_subject", "event", ["subject", "id"], unique=False, schema="audit")
    op.create_index("ix_event_tender", "event", ["tender", "id"], unique=False, schema="audit")
    op.create_index(
        "ix_event_type", "event", ["type", "id"], unique=False, schema="audit", postgresql_where=sa.text("open")
    )
    op.create_table(
        "leaf",
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("lh", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0", name=op.f("ck_leaf_idx_from_zero")),
        sa.CheckConstraint("octet_length(lh) = 32", name=op.f("ck_leaf_lh_size")),
        sa.PrimaryKeyConstraint("idx", name=op.f("pk_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_leaf_event_id")),
        schema="audit",
    )
    op.create_table(
        "pending",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("tender", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_pending")),
        schema="audit",
    )
    op.create_index("ix_pending_at", "pending", ["at", "event_id"], unique=False, schema="audit")
    op.create_index("ix_pending_tender", "pending", ["tender"], unique=False, schema="audit")
    op.create_table(
        "tree",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_tree_only_one")),
        sa.CheckConstraint("size >= 0 AND octet_length(root) = 32", name=op.f("ck_tree_size_and_root")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_tree")),
        schema="audit",
    )
    op.create_table(
        "document_files",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "sha256 = encode(sha256(content), 'hex')", name=op.f("ck_document_files_content_has_its_hash")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_document_files")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_jobs_done_has_done_at")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'given-up')", name=op.f("ck_jobs_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_due", "jobs", ["due_at"], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index("uq_jobs_kind_key", "jobs", ["kind", "key"], unique=True)
    op.create_table(
        "login_throttles",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("blocked_until_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("tries > 0", name=op.f("ck_login_throttles_tries_positive")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttles")),
    )
    op.create_index("ix_login_throttles_last_at", "login_throttles", ["last_at"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_ko", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("code <> '' AND name_ko <> '' AND name_en <> ''", name=op.f("ck_organisations_is_named")),
        sa.CheckConstraint(
            "kind IN ('agency', 'supplier', 'audit', 'operator')", name=op.f("ck_organisations_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_organisations_id_kind")),
    )
    op.create_index("ix_organisations_kind_name_ko", "organisations", ["kind", "name_ko"], unique=False)
    op.create_table(
        "serials",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last BETWEEN 1 AND 99999999", name=op.f("ck_serials_eight_digits")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_serials")),
    )
    op.create_table(
        "issued_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "code ~ '^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$'", name=op.f("ck_issued_documents_code_form")
        ),
        sa.CheckConstraint("lang IN ('ko', 'en')", name=op.f("ck_issued_documents_lang_known")),
        sa.CheckConstraint("size > 0", name=op.f("ck_issued_documents_size_positive")),
        sa.ForeignKeyConstraint(["agency_id"], ["organisations.id"], name=op.f("fk_issued_documents_agency_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisations.id"], name=op.f("fk_issued_documents_owner_id")),
        sa.ForeignKeyConstraint(["sha256"], ["document_files.sha256"], name=op.f("fk_issued_documents_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_documents")),
        sa.UniqueConstraint("code", name=op.f("uq_issued_documents_code")),
    )
    op.create_index("ix_issued_documents_owner", "issued_documents", ["owner_id", "issued_at"], unique=False)
    op.create_index("ix_issued_documents_subject", "issued_documents", ["subject", "issued_at"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_kind", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("password_changed_at", UtcDateTime(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("email_verified_at", UtcDateTime(), nullable=True),
        sa.Column("deactivated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("email LIKE '_%@_%'", name=op.f("ck_people_email_has_at")),
        sa.CheckConstraint("locale IN ('ko', 'en')", name=op.f("ck_people_locale_known")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_people_is_named")),
        sa.CheckConstraint("password_hash LIKE '$argon2id$%'", name=op.f("ck_people_password_is_argon2id")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_people_email_lower_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "organisation_kind"],
            ["organisations.id", "organisations.kind"],
            name="fk_people_organisation",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("id", "organisation_kind", name=op.f("uq_people_id_organisation_kind")),
    )
    op.create_index("ix_people_name", "people", ["name"], unique=False)
    op.create_index("ix_people_organisation_id_name", "people", ["organisation_id", "name"], unique=False)
    op.create_table(
        "suppliers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("working", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("applicant_name", sa.String(length=80), nullable=True),
        sa.Column("applicant_email", sa.String(length=254), nullable=True),
        sa.Column("applicant_locale", sa.String(length=2), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("refused_at", UtcDateTime(), nullable=True),
        sa.Column("changes_at", UtcDateTime(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("expired_at", UtcDateTime(), nullable=True),
        sa.Column("registered_at", UtcDateTime(), nullable=True),
        sa.Column("registration_number", sa.Integer(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("business_number", sa.String(length=10), nullable=True),
        sa.Column("name_ko", sa.String(length=120), nullable=True),
        sa.Column("name_en", sa.String(length=160), nullable=True),
        sa.Column("legal_form", sa.String(length=16), nullable=True),
        sa.Column("size", sa.String(length=8), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("region", sa.String(length=2), nullable=True),
        sa.Column("postal_code", sa.String(length=5), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("address_detail", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("homepage", sa.String(length=200), nullable=True),
        sa.Column("kinds", postgresql.ARRAY(sa.String(length=8)), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.String(length=2)), nullable=False),
        sa.CheckConstraint("business_number ~ '^[0-9]{10}$'", name=op.f("ck_suppliers_business_number_digits")),
        sa.CheckConstraint(
            "kinds <@ ARRAY['goods','services','works']::varchar[]", name=op.f("ck_suppliers_kinds_known")
        ),
        sa.CheckConstraint("legal_form IN ('corporation', 'individual')", name=op.f("ck_suppliers_legal_form_known")),
        sa.CheckConstraint("region ~ '^[0-9]{2}$'", name=op.f("ck_suppliers_region_two_digits")),
        sa.CheckConstraint(
            "size IN ('micro', 'small', 'medium', 'middle', 'large')", name=op.f("ck_suppliers_size_known")
        ),
        sa.CheckConstraint(
            "state <> 'changes_pending' OR changes_at IS NOT NULL",
            name=op.f("ck_suppliers_changes_pending_has_changes_at"),
        ),
        sa.CheckConstraint(
            "state <> 'expired' OR expired_at IS NOT NULL", name=op.f("ck_suppliers_expired_has_expired_at")
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR refused_at IS NOT NULL", name=op.f("ck_suppliers_refused_has_refused_at")
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR returned_at IS NOT NULL", name=op.f("ck_suppliers_returned_has_returned_at")
        ),
        sa.CheckConstraint(
            "state <> 'submitted' OR submitted_at IS NOT NULL", name=op.f("ck_suppliers_submitted_has_submitted_at")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR organisation_id IS NOT NULL", name=op.f("ck_suppliers_beyond_draft_has_organisation")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'refused', 'active', 'changes_pending', 'expired')",
            name=op.f("ck_suppliers_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('active', 'changes_pending', 'expired') OR registered_at IS NOT NULL",
            name=op.f("ck_suppliers_on_the_register_once_registered"),
        ),
        sa.CheckConstraint(
            "registered_at IS NULL OR (business_number IS NOT NULL AND name_ko IS NOT NULL AND name_en IS NOT NULL AND size IS NOT NULL AND region IS NOT NULL AND address IS NOT NULL AND cardinality(kinds) > 0 AND registration_number IS NOT NULL AND valid_until_on IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck_suppliers_registered_is_complete"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_suppliers_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
    )
    op.create_index("ix_suppliers_grams", "suppliers", ["grams"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_suppliers_name_ko",
        "suppliers",
        ["name_ko", "id"],
        unique=False,
        postgresql_where=sa.text("registered_at IS NOT NULL"),
    )
    op.create_index(
        "ix_suppliers_registered_at",
        "suppliers",
        ["registered_at", "id"],
        unique=False,
        postgresql_where=sa.text("registered_at IS NOT NULL"),
    )
    op.create_index("ix_suppliers_state", "suppliers", ["state", "submitted_at"], unique=False)
    op.create_index(
        "ix_suppliers_valid_until",
        "suppliers",
        ["valid_until_on"],
        unique=False,
        postgresql_where=sa.text("state IN ('active', 'changes_pending')"),
    )
    op.create_index(
        "ix_suppliers_working_number", "suppliers", [sa.literal_column("(working ->> 'business_number')")], unique=False
    )
    op.create_index("uq_suppliers_business_number", "suppliers", ["business_number"], unique=True)
    op.create_index("uq_suppliers_organisation_id", "suppliers", ["organisation_id"], unique=True)
    op.create_index("uq_suppliers_registration_number", "suppliers", ["registration_number"], unique=True)
    op.create_table(
        "contracts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("tender_reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("tokens", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("regime", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("delivery_place", sa.String(), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=False),
        sa.Column("special_terms", sa.String(), nullable=False),
        sa.Column("delay_class", sa.String(), nullable=False),
        sa.Column("bond_won", sa.BigInteger(), nullable=False),
        sa.Column("bond_reference", sa.String(), nullable=False),
        sa.Column("stamp_duty_won", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("document_sha256", sa.String(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("sent_by_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("decline_reason", sa.String(), nullable=False),
        sa.Column("termination_reason", sa.String(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("inspected_by_id", sa.Uuid(), nullable=True),
        sa.Column("accepted_won", sa.BigInteger(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("excused_days", sa.Integer(), nullable=False),
        sa.Column("excuse", sa.String(), nullable=False),
        sa.Column("penalty_won", sa.BigInteger(), nullable=False),
        sa.Column("invoice_won", sa.BigInteger(), nullable=True),
        sa.Column("payment_due_on", sa.Date(), nullable=True),
        sa.Column("paid_won", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.Column("concluded_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("inspected_at", UtcDateTime(), nullable=True),
        sa.Column("invoiced_at", UtcDateTime(), nullable=True),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("terminated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "bond_won = 0 OR bond_reference <> '' OR state IN ('drafted', 'sent', 'declined')",
            name=op.f("ck_contracts_agreed_has_bond"),
        ),
        sa.CheckConstraint("excused_days = 0 OR excuse <> ''", name=op.f("ck_contracts_excused_has_reason")),
        sa.CheckConstraint("is_practice = (number LIKE 'T%')", name=op.f("ck_contracts_practice_number")),
        sa.CheckConstraint("kind IN ('goods', 'services', 'works')", name=op.f("ck_contracts_kind_known")),
        sa.CheckConstraint("lang IN ('ko', 'en')", name=op.f("ck_contracts_lang_known")),
        sa.CheckConstraint("number ~ '^[RT][0-9]{2}TA[0-9]{8}$'", name=op.f("ck_contracts_number_form")),
        sa.CheckConstraint("regime IN ('national', 'local')", name=op.f("ck_contracts_regime_known")),
        sa.CheckConstraint(
            "state <> 'agreed' OR agreed_at IS NOT NULL", name=op.f("ck_contracts_agreed_has_agreed_at")
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR closed_at IS NOT NULL", name=op.f("ck_contracts_closed_has_closed_at")
        ),
        sa.CheckConstraint(
            "state <> 'concluded' OR concluded_at IS NOT NULL", name=op.f("ck_contracts_concluded_has_concluded_at")
        ),
        sa.CheckConstraint(
            "state <> 'declined' OR decline_reason <> ''", name=op.f("ck_contracts_declined_has_reason")
        ),
        sa.CheckConstraint(
            "state <> 'declined' OR declined_at IS NOT NULL", name=op.f("ck_contracts_declined_has_declined_at")
        ),
        sa.CheckConstraint(
            "state <> 'delivered' OR delivered_at IS NOT NULL", name=op.f("ck_contracts_delivered_has_delivered_at")
        ),
        sa.CheckConstraint(
            "state <> 'inspected' OR inspected_at IS NOT NULL", name=op.f("ck_contracts_inspected_has_inspected_at")
        ),
        sa.CheckConstraint(
            "state <> 'invoiced' OR invoiced_at IS NOT NULL", name=op.f("ck_contracts_invoiced_has_invoiced_at")
        ),
        sa.CheckConstraint("state <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_contracts_paid_has_paid_at")),
        sa.CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_contracts_sent_has_sent_at")),
        sa.CheckConstraint(
            "state <> 'terminated' OR terminated_at IS NOT NULL", name=op.f("ck_contracts_terminated_has_terminated_at")
        ),
        sa.CheckConstraint(
            "state <> 'terminated' OR termination_reason <> ''", name=op.f("ck_contracts_terminated_has_reason")
        ),
        sa.CheckConstraint(
            "state = 'drafted' OR (starts_on IS NOT NULL AND due_on IS NOT NULL AND delivery_place <> '' AND payment_terms <> '' AND document_sha256 IS NOT NULL)",
            name=op.f("ck_contracts_sent_is_complete"),
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'sent', 'agreed', 'declined') OR (concluded_at >= agreed_at AND agreed_at >= sent_at AND sent_at IS NOT NULL)",
            name=op.f("ck_contracts_three_steps_in_order"),
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'sent', 'agreed', 'declined', 'concluded', 'delivered', 'correcting', 'inspected', 'invoiced', 'paid', 'closed', 'terminated')",
            name=op.f("ck_contracts_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('invoiced', 'paid', 'closed') OR invoice_won IS NOT NULL",
            name=op.f("ck_contracts_invoiced_has_sum"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('paid', 'closed') OR paid_won = invoice_won",
            name=op.f("ck_contracts_paid_is_what_was_invoiced"),
        ),
        sa.CheckConstraint("accepted_won BETWEEN 0 AND amount_won", name=op.f("ck_contracts_accepted_within_amount")),
        sa.CheckConstraint("amount_won > 0", name=op.f("ck_contracts_amount_positive")),
        sa.CheckConstraint("bond_won BETWEEN 0 AND amount_won", name=op.f("ck_contracts_bond_within_amount")),
        sa.CheckConstraint("excused_days BETWEEN 0 AND late_days", name=op.f("ck_contracts_excused_within_late")),
        sa.CheckConstraint("inspected_by_id <> confirmed_by_id", name=op.f("ck_contracts_inspector_is_another")),
        sa.CheckConstraint(
            "invoice_won BETWEEN 1 AND amount_won - penalty_won", name=op.f("ck_contracts_invoice_within_owed")
        ),
        sa.CheckConstraint("paid_on >= delivered_on", name=op.f("ck_contracts_paid_after_delivery")),
        sa.CheckConstraint(
            "paid_won BETWEEN 0 AND amount_won - penalty_won", name=op.f("ck_contracts_paid_within_owed")
        ),
        sa.CheckConstraint(
            "penalty_won BETWEEN 0 AND amount_won * 30 / 100", name=op.f("ck_contracts_penalty_within_cap")
        ),
        sa.CheckConstraint("stamp_duty_won >= 0", name=op.f("ck_contracts_stamp_duty_not_negative")),
        sa.CheckConstraint("starts_on <= due_on", name=op.f("ck_contracts_dates_ordered")),
        sa.ForeignKeyConstraint(["agency_id"], ["organisations.id"], name=op.f("fk_contracts_agency_id")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["people.id"], name=op.f("fk_contracts_agreed_by_id")),
        sa.ForeignKeyConstraint(["certificate_id"], ["issued_documents.id"], name=op.f("fk_contracts_certificate_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["people.id"], name=op.f("fk_contracts_confirmed_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["issued_documents.id"], name=op.f("fk_contracts_document_id")),
        sa.ForeignKeyConstraint(["inspected_by_id"], ["people.id"], name=op.f("fk_contracts_inspected_by_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["people.id"], name=op.f("fk_contracts_sent_by_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisations.id"], name=op.f("fk_contracts_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("number", name=op.f("uq_contracts_number")),
        sa.UniqueConstraint("tender_id", name=op.f("uq_contracts_tender_id")),
    )
    op.create_index("ix_contracts_agency", "contracts", ["agency_id", "state", "id"], unique=False)
    op.create_index("ix_contracts_concluded", "contracts", ["concluded_at", "id"], unique=False)
    op.create_index("ix_contracts_supplier", "contracts", ["supplier_id", "state", "id"], unique=False)
    op.create_index(
        "ix_contracts_tokens",
        "contracts",
        ["tokens"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": False},
    )
    op.create_table(
        "mailed_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_mailed_codes_instants_in_order")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mailed_codes_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_codes")),
    )
    op.create_index(
        "uq_mailed_codes_unused",
        "mailed_codes",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "notification_preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_preferences_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_preferences")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("href", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("mailed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("href LIKE '/%' AND href NOT LIKE '//%'", name=op.f("ck_notifications_href_is_local")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notifications_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_person_id_id", "notifications", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "person_roles",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_kind", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(organisation_kind = 'agency' AND role IN ('approver', 'evaluator', 'keyholder', 'officer')) OR (organisation_kind = 'supplier' AND role IN ('supplier-admin', 'supplier-bidder')) OR (organisation_kind = 'audit' AND role IN ('auditor')) OR (organisation_kind = 'operator' AND role IN ('operator', 'registrar'))",
            name=op.f("ck_person_roles_role_fits_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "organisation_kind"],
            ["people.id", "people.organisation_kind"],
            name="fk_person_roles_person",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_roles")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    op.create_index(
        "ix_recovery_codes_person_id",
        "recovery_codes",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "sanctions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("law", sa.String(length=24), nullable=False),
        sa.Column("article", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=True),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("rejected_at", UtcDateTime(), nullable=True),
        sa.Column("reject_reason", sa.String(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("supplier_id"), "="),
            (sa.column("agency_id"), "="),
            (sa.text("daterange(begins_on, ends_on, '[]')"), "&&"),
            where=sa.text("state IN ('proposed', 'decided')"),
            using="gist",
            name="ex_sanctions_same_agency_same_days",
        ),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_on IS NOT NULL)", name=op.f("ck_sanctions_lifted_has_lifted_on")
        ),
        sa.CheckConstraint(
            "state <> 'decided' OR decided_at IS NOT NULL", name=op.f("ck_sanctions_decided_has_decided_at")
        ),
        sa.CheckConstraint(
            "state <> 'lifted' OR lifted_at IS NOT NULL", name=op.f("ck_sanctions_lifted_has_lifted_at")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR rejected_at IS NOT NULL", name=op.f("ck_sanctions_rejected_has_rejected_at")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'rejected', 'decided', 'lifted')", name=op.f("ck_sanctions_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('decided', 'lifted') OR decided_by_id IS NOT NULL",
            name=op.f("ck_sanctions_decided_by_someone"),
        ),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_sanctions_two_persons")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_sanctions_not_empty")),
        sa.ForeignKeyConstraint(["agency_id"], ["organisations.id"], name=op.f("fk_sanctions_agency_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_sanctions_decided_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name=op.f("fk_sanctions_proposed_by_id")),
        sa.ForeignKeyConstraint(["supplier_id"], ["suppliers.id"], name=op.f("fk_sanctions_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
    )
    op.create_index("ix_sanctions_agency_id", "sanctions", ["agency_id", "state"], unique=False)
    op.create_index(
        "ix_sanctions_begins_on",
        "sanctions",
        ["begins_on", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('decided', 'lifted')"),
    )
    op.create_index(
        "ix_sanctions_in_force",
        "sanctions",
        ["supplier_id", "begins_on", "ends_on"],
        unique=False,
        postgresql_where=sa.text("state IN ('decided', 'lifted')"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("stepped_up_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "expires_at > created_at AND last_seen_at >= created_at", name=op.f("ck_sessions_instants_in_order")
        ),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_sessions_token_hash_is_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    op.create_index(
        "ix_sessions_person_id", "sessions", ["person_id"], unique=False, postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("alg", sa.String(length=16), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("enrolled_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("alg = 'Ed25519'", name=op.f("ck_signing_keys_alg_known")),
        sa.CheckConstraint("octet_length(public) = 32", name=op.f("ck_signing_keys_public_is_ed25519")),
        sa.CheckConstraint(
            "revoked_at IS NULL OR revoked_at >= enrolled_at", name=op.f("ck_signing_keys_revoked_after_enrolled")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signing_keys_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signing_keys_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )
    op.create_index("ix_signing_keys_organisation_id", "signing_keys", ["organisation_id"], unique=False)
    op.create_index(
        "ix_signing_keys_person_id_live",
        "signing_keys",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("uq_signing_keys_public", "signing_keys", ["public"], unique=True)
    op.create_table(
        "supplier_email_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_supplier_email_links_expires_after_it_was_made")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_email_links_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_email_links")),
    )
    op.create_index("ix_supplier_email_links_email", "supplier_email_links", ["email", "created_at"], unique=False)
    op.create_index(
        "ix_supplier_email_links_supplier_id", "supplier_email_links", ["supplier_id", "created_at"], unique=False
    )
    op.create_table(
        "supplier_licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name_ko", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("code ~ '^[0-9]{4}$'", name=op.f("ck_supplier_licences_code_four_digits")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_supplier_licences_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_licences_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_licences")),
        sa.UniqueConstraint("supplier_id", "code", "number", name=op.f("uq_supplier_licences_supplier_id_code_number")),
    )
    op.create_index("ix_supplier_licences_code", "supplier_licences", ["code", "supplier_id"], unique=False)
    op.create_table(
        "supplier_products",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "code ~ '^[0-9]{8}([0-9]{2})?$'", name=op.f("ck_supplier_products_code_eight_or_ten_digits")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_products_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("supplier_id", "code", name=op.f("pk_supplier_products")),
    )
    op.create_table(
        "supplier_representatives",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("position_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.String(length=40), nullable=False),
        sa.CheckConstraint("length(btrim(name)) > 0", name=op.f("ck_supplier_representatives_has_name")),
        sa.CheckConstraint("position_number >= 0", name=op.f("ck_supplier_representatives_position_counted")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_representatives_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("supplier_id", "position_number", name=op.f("pk_supplier_representatives")),
    )
    op.create_table(
        "supplier_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("proposed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("comments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'returned', 'refused', 'taken-back')",
            name=op.f("ck_supplier_reviews_decision_known"),
        ),
        sa.CheckConstraint(
            "decision NOT IN ('returned', 'refused') OR length(btrim(reason)) > 0 OR comments <> '{}'::jsonb",
            name=op.f("ck_supplier_reviews_adverse_decision_has_reason"),
        ),
        sa.CheckConstraint("kind IN ('first', 'changes', 'renewal')", name=op.f("ck_supplier_reviews_kind_known")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_supplier_reviews_decided_has_decided_at")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_supplier_reviews_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_supplier_reviews_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_reviews")),
        sa.UniqueConstraint("supplier_id", "number", name=op.f("uq_supplier_reviews_supplier_id_number")),
    )
    op.create_index(
        "uq_supplier_reviews_undecided",
        "supplier_reviews",
        ["supplier_id"],
        unique=True,
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_table(
        "tenders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("first_ord", sa.Integer(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("tokens", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("delivery_place", sa.String(), nullable=False),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("regime", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("estimated_value_won", sa.BigInteger(), nullable=True),
        sa.Column("base_amount_won", sa.BigInteger(), nullable=True),
        sa.Column("a_value_won", sa.BigInteger(), nullable=False),
        sa.Column("floor_rate", sa.Integer(), nullable=True),
        sa.Column("range_low", sa.Integer(), nullable=False),
        sa.Column("range_high", sa.Integer(), nullable=False),
        sa.Column("rounding", sa.String(), nullable=False),
        sa.Column("draw_mode", sa.String(), nullable=False),
        sa.Column("draw_order", sa.String(), nullable=False),
        sa.Column("minimum_bids", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=True),
        sa.Column("regions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("licence_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sizes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("urgent_reason", sa.String(), nullable=False),
        sa.Column("deadline_reason", sa.String(), nullable=False),
        sa.Column("bids_from_at", UtcDateTime(), nullable=True),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.Column("opens_at", UtcDateTime(), nullable=True),
        sa.Column("notice_sha256", sa.String(), nullable=True),
        sa.Column("box", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("box_id", sa.String(), nullable=True),
        sa.Column("box_note", sa.String(), nullable=True),
        sa.Column("khkeys", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("holder_vkeys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seeds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bid_count", sa.Integer(), nullable=True),
        sa.Column("box_root", sa.String(), nullable=True),
        sa.Column("list_sha256", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("review_comment", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("closing_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("opening_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("awarded_at", UtcDateTime(), nullable=True),
        sa.Column("contracted_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(method = 'lowest') = (floor_rate IS NULL) OR state = 'draft'", name=op.f("ck_tenders_floor_fits_method")
        ),
        sa.CheckConstraint("draw_mode IN ('M1', 'M2', 'M3')", name=op.f("ck_tenders_draw_mode_known")),
        sa.CheckConstraint("draw_order = 'drawn' OR is_practice", name=op.f("ck_tenders_given_order_in_practice_only")),
        sa.CheckConstraint("is_practice = (number LIKE 'T%')", name=op.f("ck_tenders_practice_number")),
        sa.CheckConstraint("kind IN ('goods', 'services', 'works')", name=op.f("ck_tenders_kind_known")),
        sa.CheckConstraint("method IN ('quote', 'qualification', 'lowest')", name=op.f("ck_tenders_method_known")),
        sa.CheckConstraint("regime IN ('national', 'local')", name=op.f("ck_tenders_regime_known")),
        sa.CheckConstraint(
            "state <> 'awarded' OR awarded_at IS NOT NULL", name=op.f("ck_tenders_awarded_has_awarded_at")
        ),
        sa.CheckConstraint(
            "state <> 'cancelled' OR cancelled_at IS NOT NULL", name=op.f("ck_tenders_cancelled_has_cancelled_at")
        ),
        sa.CheckConstraint("state <> 'closed' OR closed_at IS NOT NULL", name=op.f("ck_tenders_closed_has_closed_at")),
        sa.CheckConstraint(
            "state <> 'closing' OR closing_at IS NOT NULL", name=op.f("ck_tenders_closing_has_closing_at")
        ),
        sa.CheckConstraint(
            "state <> 'contracted' OR contracted_at IS NOT NULL", name=op.f("ck_tenders_contracted_has_contracted_at")
        ),
        sa.CheckConstraint("state <> 'failed' OR failed_at IS NOT NULL", name=op.f("ck_tenders_failed_has_failed_at")),
        sa.CheckConstraint(
            "state <> 'in-review' OR submitted_at IS NOT NULL", name=op.f("ck_tenders_in-review_has_submitted_at")
        ),
        sa.CheckConstraint(
            "state <> 'opening' OR opening_at IS NOT NULL", name=op.f("ck_tenders_opening_has_opening_at")
        ),
        sa.CheckConstraint(
            "state <> 'proposed' OR proposed_at IS NOT NULL", name=op.f("ck_tenders_proposed_has_proposed_at")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL", name=op.f("ck_tenders_published_has_published_at")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (reference IS NOT NULL AND box IS NOT NULL)", name=op.f("ck_tenders_frozen_in_review")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'in-review', 'published', 'closing', 'closed', 'opening', 'opened', 'proposed', 'awarded', 'contracted', 'failed', 'cancelled')",
            name=op.f("ck_tenders_state_known"),
        ),
        sa.CheckConstraint("approved_by_id <> submitted_by_id", name=op.f("ck_tenders_two_persons")),
        sa.CheckConstraint("base_amount_won > 0", name=op.f("ck_tenders_base_amount_positive")),
        sa.CheckConstraint(
            "bids_from_at < closes_at AND closes_at < opens_at", name=op.f("ck_tenders_instants_ordered")
        ),
        sa.CheckConstraint("estimated_value_won > 0", name=op.f("ck_tenders_estimated_value_positive")),
        sa.CheckConstraint("floor_rate BETWEEN 1 AND 100000", name=op.f("ck_tenders_floor_rate_in_range")),
        sa.CheckConstraint(
            "minimum_bids = 2 OR (is_practice AND minimum_bids = 1)", name=op.f("ck_tenders_two_bids_but_in_practice")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR approved_by_id IS NOT NULL", name=op.f("ck_tenders_published_by_two")
        ),
        sa.CheckConstraint("range_low < range_high", name=op.f("ck_tenders_range_ordered")),
        sa.ForeignKeyConstraint(["agency_id"], ["organisations.id"], name=op.f("fk_tenders_agency_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["people.id"], name=op.f("fk_tenders_approved_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_tenders_author_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["tenders.id"], name=op.f("fk_tenders_previous_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["people.id"], name=op.f("fk_tenders_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenders")),
        sa.UniqueConstraint("number", "first_ord", name=op.f("uq_tenders_number_first_ord")),
        sa.UniqueConstraint("reference", name=op.f("uq_tenders_reference")),
    )
    op.create_index("ix_tenders_agency", "tenders", ["agency_id", "state"], unique=False)
    op.create_index("ix_tenders_published", "tenders", ["published_at", "id"], unique=False)
    op.create_index("ix_tenders_state_closes", "tenders", ["state", "closes_at"], unique=False)
    op.create_index(
        "ix_tenders_tokens",
        "tenders",
        ["tokens"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": False},
    )
    op.create_table(
        "bids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("receipt_number", sa.String(), nullable=False),
        sa.Column("stmt", sa.String(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("amount_won", sa.BigInteger(), nullable=True),
        sa.Column("picks", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("cek", sa.String(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'opened') = (amount_won IS NOT NULL)", name=op.f("ck_bids_price_known_once_opened")
        ),
        sa.CheckConstraint("rank IS NULL OR reason = 'valid'", name=op.f("ck_bids_ranked_is_valid")),
        sa.CheckConstraint("state <> 'invalid' OR opened_at IS NOT NULL", name=op.f("ck_bids_invalid_has_opened_at")),
        sa.CheckConstraint(
            "state <> 'malformed' OR opened_at IS NOT NULL", name=op.f("ck_bids_malformed_has_opened_at")
        ),
        sa.CheckConstraint("state <> 'opened' OR opened_at IS NOT NULL", name=op.f("ck_bids_opened_has_opened_at")),
        sa.CheckConstraint(
            "state <> 'submitted' OR (picks IS NULL AND nonce IS NULL AND cek IS NULL)",
            name=op.f("ck_bids_sealed_until_opened"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'opened', 'malformed', 'invalid')", name=op.f("ck_bids_state_known")
        ),
        sa.CheckConstraint("amount_won > 0", name=op.f("ck_bids_amount_positive")),
        sa.CheckConstraint("length(stmt) = 64", name=op.f("ck_bids_stmt_is_sha256")),
        sa.CheckConstraint(
            "octet_length(salt) = 32 AND octet_length(commitment) = 32", name=op.f("ck_bids_commitment_sizes")
        ),
        sa.CheckConstraint("rank > 0", name=op.f("ck_bids_rank_positive")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_bids_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bids_person_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_bids_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bids")),
        sa.UniqueConstraint("event_id", name=op.f("uq_bids_event_id")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_bids_receipt_number")),
        sa.UniqueConstraint("stmt", name=op.f("uq_bids_stmt")),
        sa.UniqueConstraint("tender_id", "lot", "organisation_id", name=op.f("uq_bids_tender_id_lot_organisation_id")),
    )
    op.create_index("ix_bids_organisation", "bids", ["organisation_id", "received_at"], unique=False)
    op.create_index(
        "uq_bids_rank", "bids", ["tender_id", "lot", "rank"], unique=True, postgresql_where="rank IS NOT NULL"
    )
    op.create_table(
        "bundles",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("stage IN ('opening', 'award')", name=op.f("ck_bundles_stage_known")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_bundles_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", "stage", name=op.f("pk_bundles")),
    )
    op.create_table(
        "contract_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("notified_at", UtcDateTime(), nullable=False),
        sa.Column("notified_by_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_due_on", sa.Date(), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("inspected_at", UtcDateTime(), nullable=True),
        sa.Column("inspected_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("result <> 'fix' OR finding <> ''", name=op.f("ck_contract_deliveries_fix_says_what")),
        sa.CheckConstraint("result IN ('pass', 'fix')", name=op.f("ck_contract_deliveries_result_known")),
        sa.CheckConstraint(
            "(result IS NULL) = (inspected_at IS NULL)", name=op.f("ck_contract_deliveries_inspected_has_result")
        ),
        sa.CheckConstraint(
            "(result IS NULL) = (inspected_by_id IS NULL)", name=op.f("ck_contract_deliveries_inspected_has_inspector")
        ),
        sa.CheckConstraint("inspection_due_on >= delivered_on", name=op.f("ck_contract_deliveries_due_after_delivery")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_contract_deliveries_serial_positive")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_contract_deliveries_contract_id")),
        sa.ForeignKeyConstraint(
            ["inspected_by_id"], ["people.id"], name=op.f("fk_contract_deliveries_inspected_by_id")
        ),
        sa.ForeignKeyConstraint(["notified_by_id"], ["people.id"], name=op.f("fk_contract_deliveries_notified_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_deliveries")),
        sa.UniqueConstraint("contract_id", "serial", name=op.f("uq_contract_deliveries_contract_id_serial")),
    )
    op.create_index(
        "uq_contract_deliveries_waiting",
        "contract_deliveries",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("result IS NULL"),
    )
    op.create_table(
        "openings",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("draw", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("evaluation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evaluation_digest", sa.String(), nullable=False),
        sa.Column("estimated_price_won", sa.BigInteger(), nullable=True),
        sa.Column("floor_price_won", sa.BigInteger(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(evaluation_digest) = 64", name=op.f("ck_openings_digest_is_sha256")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_openings_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_openings")),
    )
    op.create_table(
        "releases",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_releases_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", "holder", "part", name=op.f("pk_releases")),
    )
    op.create_table(
        "sanction_stays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sanction_id", sa.Uuid(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("order_reference", sa.String(length=120), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("sanction_id"), "="),
            (sa.text("daterange(begins_on, ends_on, '[]')"), "&&"),
            using="gist",
            name="ex_sanction_stays_no_overlap",
        ),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_sanction_stays_not_empty")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["people.id"], name=op.f("fk_sanction_stays_entered_by_id")),
        sa.ForeignKeyConstraint(
            ["sanction_id"], ["sanctions.id"], name=op.f("fk_sanction_stays_sanction_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_stays")),
    )
    op.create_index(op.f("ix_sanction_stays_sanction_id"), "sanction_stays", ["sanction_id"], unique=False)
    op.create_table(
        "tender_attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_tender_attachments_sha256_length")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_tender_attachments_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_attachments")),
        sa.UniqueConstraint("tender_id", "sha256", name=op.f("uq_tender_attachments_tender_id_sha256")),
    )
    op.create_index(op.f("ix_tender_attachments_tender_id"), "tender_attachments", ["tender_id"], unique=False)
    op.create_table(
        "tender_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_tender_questions_answered_has_answered_at")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_tender_questions_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_tender_questions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_tender_questions_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_questions")),
    )
    op.create_index("ix_tender_questions_tender", "tender_questions", ["tender_id", "asked_at"], unique=False)
    op.create_table(
        "tender_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("refused_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('correction', 'extension', 'cancellation')", name=op.f("ck_tender_revisions_kind_known")
        ),
        sa.CheckConstraint(
            "(approved_by_id IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_tender_revisions_approved_has_approved_at"),
        ),
        sa.CheckConstraint(
            "approved_at IS NULL OR refused_at IS NULL", name=op.f("ck_tender_revisions_approved_or_refused")
        ),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_tender_revisions_two_persons")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["people.id"], name=op.f("fk_tender_revisions_approved_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_tender_revisions_asked_by_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_tender_revisions_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_revisions")),
    )
    op.create_index(op.f("ix_tender_revisions_tender_id"), "tender_revisions", ["tender_id"], unique=False)
    op.create_index(
        "uq_tender_revisions_open",
        "tender_revisions",
        ["tender_id"],
        unique=True,
        postgresql_where="approved_at IS NULL AND refused_at IS NULL",
    )
    op.create_table(
        "awards",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), nullable=False),
        sa.Column("evaluation_digest", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_awards_confirmed_has_confirmed_at")
        ),
        sa.CheckConstraint("amount_won > 0", name=op.f("ck_awards_amount_positive")),
        sa.CheckConstraint("confirmed_by_id <> proposed_by_id", name=op.f("ck_awards_two_persons")),
        sa.CheckConstraint("length(evaluation_digest) = 64", name=op.f("ck_awards_digest_is_sha256")),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_awards_bid_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["people.id"], name=op.f("fk_awards_confirmed_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_awards_organisation_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["people.id"], name=op.f("fk_awards_proposed_by_id")),
        sa.ForeignKeyConstraint(["tender_id"], ["tenders.id"], name=op.f("fk_awards_tender_id")),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_awards")),
        sa.UniqueConstraint("bid_id", name=op.f("uq_awards_bid_id")),
    )
    op.create_index("ix_awards_organisation", "awards", ["organisation_id", "confirmed_at"], unique=False)
