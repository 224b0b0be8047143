"""The box as a file, for programs that seal without a network: the box, the notes that sign it, the keys they claim.

One line of canonical JSON: `v` 1, `type` "box-file", `box`, `box_note`, `khkeys` [note, …], `vkeys` {agency, receipt,
log, holders {id: vkey}}, `lot`, `closes_at`, `opens_at` (as they stood when it was downloaded). Twin of
`static/bidding/box_file.js`. Where the tender asks for documents also `notice`, whose hash the box names.
The keys in it are claims: pin your own, or compare the box code with the notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from app.tlog import note
from app.tlog.canon import jcs, parse
from bidding.sealing import Lane, box_id

Json = dict[str, Any]

LARGEST = 262_144  # bytes
MEMBERS = frozenset({"v", "type", "box", "box_note", "khkeys", "vkeys", "lot", "closes_at", "opens_at"})


@dataclass(frozen=True, slots=True)
class BoxFile:
    """A box whose signatures by the agency and by every holder of every lane have been checked."""

    box: Json
    box_id: str
    lot: str
    vkeys: Json
    needs_documents: bool  # of every bid; as far as can be known without the notice


def make_box_file(
    *,
    box: Json,
    box_note: str,
    khkeys: list[str],
    vkeys: Json,
    lot: str,
    closes_at: str,
    opens_at: str,
    notice: Json | None = None,
) -> Json:
    times = {"closes_at": closes_at, "opens_at": opens_at}
    return {
        "v": 1,
        "type": "box-file",
        "box": box,
        "box_note": box_note,
        "khkeys": khkeys,
        "vkeys": vkeys,
        "lot": lot,
        **times,
        **({"notice": notice} if notice is not None else {}),
    }


def read_box_file(data: bytes, agency_vkey: str | None = None) -> BoxFile:
    """The box in `data`, signed by the agency (`agency_vkey`, else the key that the file claims) and by its holders.

    ValueError says what does not fit.
    """
    file = parse(data.rstrip(b"\n")) if len(data) <= LARGEST else None
    if not isinstance(file, dict) or set(file) - {"notice"} != MEMBERS or (file["v"], file["type"]) != (1, "box-file"):
        raise ValueError("not a box file")
    box, vkeys = file["box"], file["vkeys"]
    try:
        if note.open_object(file["box_note"], "box", [agency_vkey or vkeys["agency"]]) != box:
            raise ValueError("the box differs from the signed one")
        for lane in box["lanes"]:
            for holder in _holders(box, lane):
                _check_holder(file, lane, holder)
        needs_documents = _needs_documents(file)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a box file") from error
    return BoxFile(box, box_id(box), file["lot"], vkeys, needs_documents)


def _needs_documents(file: Json) -> bool:
    if "docs" not in file["box"]["lanes"]:
        return False
    if "notice" not in file:
        return True
    if sha256(jcs(file["notice"])).hexdigest() != file["box"]["notice_sha256"]:
        raise ValueError("the notice is not the one that the box names")
    return any(one["required"] is not False for one in file["notice"]["documents"])


def _holders(box: Json, lane: str) -> list[Json]:
    Lane.from_json(box["lanes"][lane])
    return list(box["lanes"][lane]["holders"])


def _check_holder(file: Json, lane: str, holder: Json) -> None:
    for signed in file["khkeys"]:
        try:
            key = note.open_object(signed, "khkey", [file["vkeys"]["holders"][holder["id"]]])
        except ValueError:
            continue  # another holder's note
        fits = (key.get("tender"), key.get("lane"), key.get("holder")) == (file["box"]["tender"], lane, holder["id"])
        if fits and key.get("pub") == holder["pub"]:
            return
    raise ValueError(f"holder {holder['id']} has not signed its key of lane {lane}")
