"""PyPI sigstore as a verifier of bundles, through its public API.

Usage: verify.py --trusted-root FILE --identity ID --issuer URL [--sha256 HEX | --artifact FILE] BUNDLES…

Each BUNDLES file holds one bundle, or one a line. A message signature is verified over the artifact; a DSSE envelope is
verified, must hold an in-toto statement, and one of its subjects must have the artifact's SHA-256. Prints a line per bundle:
`ok` or `REFUSED`, what it is and why. Exits 1 when one is refused, 2 when there is nothing to verify.
"""

import argparse
import hashlib
import json
import sys

from sigstore.errors import Error
from sigstore.hashes import HashAlgorithm, Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trusted-root", required=True)
    parser.add_argument("--identity", required=True)
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--artifact")
    parser.add_argument("--sha256")
    parser.add_argument("bundles", nargs="+")
    args = parser.parse_args()
    digest = args.sha256
    if digest is None:
        with open(args.artifact, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(digest))
    verifier = Verifier(trusted_root=TrustedRoot.from_file(args.trusted_root))
    expected = policy.Identity(identity=args.identity, issuer=args.issuer)

    count = refused = 0
    for path in args.bundles:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for line in [text] if is_one_document(text) else text.splitlines():
            count += 1
            what = "?"
            try:
                bundle = Bundle.from_json(line)
                if bundle._dsse_envelope is None:
                    what = "message signature"
                    verifier.verify_artifact(hashed, bundle, expected)
                else:
                    what = "attestation"
                    what = verify_statement(verifier, bundle, expected, digest)
                print(f"ok       {what}")
            except (Error, ValueError) as error:
                refused += 1
                print(f"REFUSED  {what}: {type(error).__name__}: {error}")
    if count == 0:
        print("no bundles", file=sys.stderr)
        return 2
    print(f"{count - refused} accepted, {refused} refused")
    return 1 if refused else 0


def verify_statement(verifier, bundle, expected, digest) -> str:
    payload_type, payload = verifier.verify_dsse(bundle, expected)
    if payload_type != "application/vnd.in-toto+json":
        raise ValueError(f"payload type is {payload_type}")
    statement = json.loads(payload)
    if not any(subject["digest"].get("sha256") == digest for subject in statement["subject"]):
        raise ValueError("no subject of the statement has the artifact's digest")
    return statement["predicateType"]


def is_one_document(text: str) -> bool:
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


sys.exit(main())
