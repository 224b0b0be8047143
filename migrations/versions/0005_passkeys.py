"""Passkeys beside Ed25519 keys: what a WebAuthn signature is verified by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from bidding import ddl

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PASSKEY = "cose_alg, credential_id, sign_count, rp_id, origins"


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("cose_alg", sa.Integer(), nullable=True))
    op.add_column("signing_keys", sa.Column("credential_id", sa.LargeBinary(), nullable=True))
    op.add_column("signing_keys", sa.Column("sign_count", sa.BigInteger(), nullable=True))
    op.add_column("signing_keys", sa.Column("rp_id", sa.String(), nullable=True))
    op.add_column("signing_keys", sa.Column("origins", postgresql.ARRAY(sa.String()), nullable=True))
    for name, rule in (
        ("alg_known", "alg IN ('Ed25519', 'webauthn')"),
        ("public_is_ed25519", "alg <> 'Ed25519' OR octet_length(public) = 32"),
    ):
        op.drop_constraint(op.f(f"ck_signing_keys_{name}"), "signing_keys", type_="check")
        op.create_check_constraint(op.f(f"ck_signing_keys_{name}"), "signing_keys", rule)
    op.create_check_constraint(
        op.f("ck_signing_keys_passkey_is_whole"),
        "signing_keys",
        f"CASE WHEN alg = 'webauthn' THEN num_nulls({PASSKEY}) = 0 ELSE num_nonnulls({PASSKEY}) = 0 END",
    )
    op.create_check_constraint(op.f("ck_signing_keys_cose_alg_known"), "signing_keys", "cose_alg IN (-7, -8, -257)")
    op.create_check_constraint(op.f("ck_signing_keys_has_an_origin"), "signing_keys", "cardinality(origins) > 0")
    op.create_index("uq_signing_keys_credential_id", "signing_keys", ["credential_id"], unique=True)
    op.get_bind().exec_driver_sql(ddl.ACCEPT_BID)  # it looks at the key; its colons are no parameters
