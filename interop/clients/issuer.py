#!/usr/bin/env python3
"""An issuer of identity tokens that plays any issuer. Needs `cryptography` (sigstore-python brings it).

issuer.py keys DIR                     makes DIR/key.pem (RSA, for cosign takes no other tokens on its command line) and DIR/jwks.json, once
issuer.py mint DIR ISSUER KIND [CLAIM=VALUE...]
                                       prints a token of ISSUER, signed with that key; CLAIM=null leaves a claim out
issuer.py serve DIR FILE               answers discovery, keys and POST /token on a free loopback port until it is
                                       killed, and writes its URL, which is its issuer, into FILE

KIND, as `sealwright up --oidc-issuer` has them, says which claims there are to begin with: email, github-actions, gitlab,
buildkite, uri. Values are read as JSON where they are JSON, else as text. TEST ONLY.
"""
import base64, http.server, json, os, pathlib, sys, time, uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLAIMS = {
    "email": {"sub": "1234567890", "email": "dev@example.com", "email_verified": True},
    "uri": {},
    "github-actions": {
        "sub": "repo:myorg/app:ref:refs/heads/main", "repository": "myorg/app", "repository_id": "1001",
        "repository_owner": "myorg", "repository_owner_id": "2002", "repository_visibility": "public",
        "workflow": "release", "workflow_ref": "myorg/app/.github/workflows/release.yml@refs/heads/main",
        "workflow_sha": "a" * 40, "job_workflow_ref": "myorg/app/.github/workflows/release.yml@refs/heads/main",
        "job_workflow_sha": "a" * 40, "ref": "refs/heads/main", "ref_type": "branch", "sha": "a" * 40,
        "event_name": "push", "runner_environment": "github-hosted", "run_id": "42", "run_attempt": "1",
        "run_number": "7", "actor": "octocat",
    },
    "gitlab": {
        "sub": "project_path:mygroup/app:ref_type:branch:ref:main", "project_path": "mygroup/app", "project_id": "3003",
        "namespace_path": "mygroup", "namespace_id": "4004", "project_visibility": "public", "pipeline_source": "push",
        "pipeline_id": "55", "job_id": "66", "ref": "main", "ref_type": "branch", "sha": "b" * 40,
        "ci_config_ref_uri": "gitlab.com/mygroup/app//.gitlab-ci.yml@refs/heads/main", "ci_config_sha": "b" * 40,
        "runner_environment": "gitlab-hosted", "runner_id": 1,
    },
    "buildkite": {
        "sub": "organization:myorg:pipeline:app:ref:refs/heads/main:commit:c:step:build", "organization_slug": "myorg",
        "pipeline_slug": "app", "build_number": 9, "build_branch": "main", "build_commit": "c" * 40, "build_source": "api",
        "job_id": "77", "step_key": "build", "runner_environment": "self-hosted",
    },
}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_keys(directory):
    directory.mkdir(parents=True, exist_ok=True)
    pem = directory / "key.pem"
    if not pem.exists():
        key = rsa.generate_private_key(65537, 2048)
        text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption())
        pem.write_bytes(text)
    key = serialization.load_pem_private_key(pem.read_bytes(), None)
    public = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": b64(public.n.to_bytes(256, "big")), "e": "AQAB", "use": "sig", "alg": "RS256",
           "kid": "test-only"}
    (directory / "jwks.json").write_text(json.dumps({"keys": [jwk]}))
    return key


def mint(key, issuer, kind, changes):
    now = int(time.time())
    claims = {"iss": issuer, "aud": "sigstore", "iat": now, "nbf": now, "exp": now + 3600, "jti": str(uuid.uuid4())}
    claims |= CLAIMS[kind]
    if kind == "uri":
        claims["sub"] = issuer + "/users/dev"
    for name, value in changes.items():
        if value is None:
            claims.pop(name, None)
        else:
            claims[name] = value
    header = {"alg": "RS256", "typ": "JWT", "kid": "test-only"}
    message = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return message + "." + b64(key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))


def serve(directory, file):
    key = make_keys(directory)

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, text, status=200):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == "/.well-known/openid-configuration":
                self.answer(json.dumps({
                    "issuer": url, "jwks_uri": url + "/keys", "token_endpoint": url + "/token",
                    "authorization_endpoint": url + "/auth", "response_types_supported": ["code"],
                    "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
                }))
            elif self.path == "/keys":
                self.answer((directory / "jwks.json").read_text())
            elif self.path.startswith("/github-token"):
                # What a GitHub runner answers at ACTIONS_ID_TOKEN_REQUEST_URL.
                self.answer(json.dumps({"value": mint(key, url, "github-actions", {})}))
            else:
                self.answer("{}", 404)

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = mint(key, url, "email", {})
            self.answer(json.dumps({"access_token": "-", "token_type": "Bearer", "id_token": token}))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    temporary = pathlib.Path(str(file) + ".new")
    temporary.write_text(url)
    os.replace(temporary, file)
    server.serve_forever()


def main(arguments):
    match arguments:
        case ["keys", directory]:
            make_keys(pathlib.Path(directory))
        case ["serve", directory, file]:
            serve(pathlib.Path(directory), pathlib.Path(file))
        case ["mint", directory, issuer, kind, *changes] if kind in CLAIMS:
            parsed = {}
            for change in changes:
                name, _, value = change.partition("=")
                try:
                    parsed[name] = json.loads(value)
                except ValueError:
                    parsed[name] = value
            print(mint(make_keys(pathlib.Path(directory)), issuer, kind, parsed))
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
