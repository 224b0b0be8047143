"""Canonical JSON, signed notes, Merkle trees, tiles: what a stranger needs to check the audit log.

Pure: no Flask, no SQL, no clock, no files. The formats are public ones, so that other people's programs read them too:
RFC 8785 (canonical JSON), RFC 6962 (tree), C2SP signed-note, tlog-checkpoint, tlog-tiles and tlog-proof.
"""
