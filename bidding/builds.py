"""The three builds of the bidding client that this process serves (see `bidding.client_build`)."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from bidding.client_build import CLI_FILES, VERSION, cli_hash, client_files, client_hash, file_hashes
from bidding.offline_client import FILE_NAME, offline_client
from bidding.services.releases import Build


@cache
def builds() -> tuple[Build, ...]:
    """Made once; needs an application context the first time, for the offline client's sentences."""
    content, named = offline_client()
    return (
        Build("browser", client_hash(), VERSION, file_hashes(client_files())),
        Build("offline", named, VERSION, {FILE_NAME: sha256(content).hexdigest()}),
        Build("cli", cli_hash(), VERSION, file_hashes(CLI_FILES)),
    )
