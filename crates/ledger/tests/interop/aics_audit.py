"""Audits a ledger's folder with aics-tlog, a verifier that knows nothing of Bartizan.

Usage: aics_audit.py FOLDER VKEY OLD_SIZE INDEX...

Prints one JSON object: what the judge authenticated, and the proofs that it made from the tiles itself.
Exits 1, with the judge's own words, when it refuses the folder.
"""

import hashlib
import json
import sys
from pathlib import Path

import aics_tlog as judge


def audit(folder: Path, vkey: str, old_size: int, indices: list[int]) -> dict:
    note = judge.parse_note((folder / "checkpoint").read_bytes())
    key = judge.parse_vkey(vkey)
    verdict = judge.verify_checkpoint(note, key, expected_origin=key.name)
    if not verdict.ok:
        raise ValueError(f"checkpoint: {verdict.error}")
    size, root = verdict.size, verdict.root
    files = judge.FileSystemTileReader(folder)
    report = judge.audit_tiles(files, size, root)
    proven = judge.VerifiedTileReader(files, size, root)
    entries = hashlib.sha256()
    for index in range(size):
        entry = proven.entry(index)
        entries.update(len(entry).to_bytes(2, "big") + entry)
    inclusion = {}
    for index in indices:
        proof = judge.inclusion_proof_from_tiles(proven, index, size)
        inclusion[str(index)] = [step.hex() for step in proof]
    consistency = judge.consistency_proof_from_tiles(proven, old_size, size)
    return {
        "size": size,
        "root": root.hex(),
        "tiles": report.tiles,
        "bundles": report.bundles,
        "entries": entries.hexdigest(),
        "inclusion": inclusion,
        "consistency": [step.hex() for step in consistency],
    }


def main() -> int:
    folder, vkey, old_size, *indices = sys.argv[1:]
    try:
        result = audit(Path(folder), vkey, int(old_size), [int(index) for index in indices])
    except (OSError, ValueError) as refusal:
        print(f"{type(refusal).__name__}: {refusal}", file=sys.stderr)
        return 1
    print(json.dumps(result, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
