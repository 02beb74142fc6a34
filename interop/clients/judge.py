"""PyPI sigstore as a judge of many bundles, for the differential fuzzer (interop/oracle).

Reads one JSON object a line and writes one line for each, in order:

  {"context": N, "root": B64, "artifact": B64, "identity": I, "issuer": U}    remembered under N: `ready`, or `unusable WHY`;
                                                                              `skipped` with "key" instead of an identity
  {"judge": N, "bundle": B64}                                                 `accepted`, or `refused WHY`

sigstore-python judges by identity alone. What is not `ready` may not be asked about.
"""

import base64
import hashlib
import json
import logging
import sys
import tempfile

from sigstore.hashes import HashAlgorithm, Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy


class Context:
    def __init__(self, request: dict):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            file.write(base64.b64decode(request["root"]))
            file.flush()
            self.verifier = Verifier(trusted_root=TrustedRoot.from_file(file.name))
        self.expected = policy.Identity(identity=request["identity"], issuer=request["issuer"])
        self.digest = hashlib.sha256(base64.b64decode(request["artifact"])).digest()

    def judge(self, text: str) -> None:
        bundle = Bundle.from_json(text)
        if bundle._dsse_envelope is None:
            hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=self.digest)
            self.verifier.verify_artifact(hashed, bundle, self.expected)
            return
        payload_type, payload = self.verifier.verify_dsse(bundle, self.expected)
        if payload_type != "application/vnd.in-toto+json":
            raise ValueError(f"payload type is {payload_type}")
        subjects = json.loads(payload)["subject"]
        if not any(subject["digest"].get("sha256") == self.digest.hex() for subject in subjects):
            raise ValueError("no subject of the statement has the artifact's digest")


def answer(contexts: dict, request: dict) -> str:
    # Whatever is raised is a refusal: a traceback is no acceptance either.
    if "context" in request:
        if "key" in request:
            return "skipped"
        try:
            contexts[request["context"]] = Context(request)
            return "ready"
        except Exception as error:
            return f"unusable {type(error).__name__}: {error}"
    try:
        contexts[request["judge"]].judge(base64.b64decode(request["bundle"]).decode())
        return "accepted"
    except Exception as error:
        return f"refused {type(error).__name__}: {error}"


def main() -> None:
    logging.disable(logging.CRITICAL)
    contexts = {}
    for line in sys.stdin:
        print(" ".join(answer(contexts, json.loads(line)).split()), flush=True)


main()
