# Trusted roots and signing configurations of parts: what cosign makes verifies here, what is made here verifies with the others,
# and both make the same of the same parts.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"

setup() {
  printf 'the artifact\n' >app.bin
  "$SEALWRIGHT" seal app.bin -o json >seal.json
  "$SEALWRIGHT" root show >shown.json
  python3 - <<'PY'
import base64, json, textwrap
root = json.load(open("shown.json"))
def pem(label, raw):
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, "\n".join(textwrap.wrap(raw, 64)), label)
for kind, name in [("certificateAuthorities", "fulcio"), ("timestampAuthorities", "tsa")]:
    authority = root[kind][0]
    open(name + ".pem", "w").write("".join(pem("CERTIFICATE", c["rawBytes"]) for c in authority["certChain"]["certificates"]))
    spec = "url=%s,certificate-chain=%s.pem,start-time=%s" % (authority["uri"], name, authority["validFor"]["start"])
    open(name + ".spec", "w").write(spec)
logs = [("ctfe", root["ctlogs"][0], None), ("rekor1", root["tlogs"][0], None), ("rekor2", root["tlogs"][1], "origin")]
for name, log, origin in logs:
    open(name + ".pem", "w").write(pem("PUBLIC KEY", log["publicKey"]["rawBytes"]))
    spec = "url=%s,public-key=%s.pem,start-time=%s" % (log["baseUrl"], name, log["publicKey"]["validFor"]["start"])
    if origin:
        spec += ",origin=" + log["baseUrl"].removeprefix("https://")
    open(name + ".spec", "w").write(spec)
PY
  SERVICES=(--fulcio "$(cat fulcio.spec)" --tsa "$(cat tsa.spec)" --ctfe "$(cat ctfe.spec)" --rekor "$(cat rekor1.spec)" --rekor "$(cat rekor2.spec)")
  printf '%s\0' "${SERVICES[@]}" >services
}
services() { mapfile -d '' SERVICES <services; }
ours() { services; "$SEALWRIGHT" root create "${SERVICES[@]}" --out ours.json; }
theirs() { services; "$COSIGN" trusted-root create "${SERVICES[@]}" --out theirs.json; }
# Field by field, in any order of logs.
same() { diff <(jq -S '.tlogs |= sort_by(.logId.keyId)' ours.json) <(jq -S '.tlogs |= sort_by(.logId.keyId)' theirs.json); }
without_authority() {
  "$SEALWRIGHT" root create --rekor "$(cat rekor1.spec)" --ctfe "$(cat ctfe.spec)" --out partial.json
  refuses by_cosign partial.json seal.json verify-blob --bundle app.bin.sigstore.json app.bin
  refuses verify_as seal.json app.bin --trusted-root partial.json
}
CONFIG=(--fulcio "url=https://f.example,api-version=1,start-time=2024-01-01T00:00:00Z,operator=o"
  --oidc-provider "url=https://i.example,api-version=1,start-time=2024-01-01T00:00:00Z,end-time=2040-01-01T00:00:00Z,operator=o"
  --rekor "url=https://r1.example,api-version=1,start-time=2024-01-01T00:00:00Z,operator=o"
  --rekor "url=https://r2.example,api-version=2,start-time=2024-01-01T00:00:00Z,operator=p" --rekor-config EXACT:2
  --tsa "url=https://t.example/api/v1/timestamp,api-version=1,start-time=2024-01-01T00:00:00Z,operator=o" --tsa-config ANY)
configs() {
  "$SEALWRIGHT" root signing-config create "${CONFIG[@]}" --out ours-signing.json
  "$COSIGN" signing-config create "${CONFIG[@]}" --out theirs-signing.json
  diff <(jq -S . ours-signing.json) <(jq -S . theirs-signing.json)
}
# Each begins with what the other made.
configs_on_top() {
  local other="url=https://g.example,api-version=1,start-time=2024-01-01T00:00:00Z,operator=o"
  "$SEALWRIGHT" root signing-config create --base-config theirs-signing.json --fulcio "$other" --out ours-on-top.json
  "$COSIGN" signing-config create --base-config ours-signing.json --fulcio "$other" --out theirs-on-top.json
  diff <(jq -S . ours-on-top.json) <(jq -S . theirs-on-top.json)
}
python_loads() {
  jq -n --slurpfile root ours.json --slurpfile signing ours-signing.json \
    '{mediaType: "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json", trustedRoot: $root[0], signingConfig: $signing[0]}' >trust.json
  python_peer -m sigstore --trust-config trust.json verify identity --bundle app.bin.sigstore.json \
    --cert-identity "$(sealed seal.json identity)" --cert-oidc-issuer "$(sealed seal.json issuer)" app.bin
}

check "a sealed file and the parts of its root" setup
check "root create" ours
check "cosign trusted-root create of the same parts" theirs
check "both are the same" same
check "verify accepts with cosign's" verify_as seal.json app.bin --trusted-root theirs.json
check "cosign accepts with ours" by_cosign ours.json seal.json verify-blob --bundle app.bin.sigstore.json app.bin
check "sigstore-python accepts with ours" by_python ours.json seal.json app.bin app.bin.sigstore.json
check "npm 4 accepts with ours" by_js 4 ours.json seal.json app.bin app.bin.sigstore.json
check "without the authority nobody accepts" without_authority
check "signing-config create makes what cosign makes" configs
check "each goes on from what the other made" configs_on_top
check "sigstore-python loads both in one" python_loads
finish
