# `seal` and `verify` of what lies on this machine need no network: both run in a network namespace without even a loopback
# device that is up; and `verify --offline` of every form that can be local runs where socket(2) and connect(2) kill the process.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
echo "no network" >file.txt

# Without the right to make a network namespace, through a user namespace; one of the two must work.
if unshare -n true 2>/dev/null; then alone=(unshare -n); else alone=(unshare -r -n); fi
check "a namespace without network can be made" "${alone[@]}" true
isolated() { exits 1 "${alone[@]}" python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9), 1)'; }
seal_alone() { "${alone[@]}" "$SEALWRIGHT" seal file.txt -o json >seal.json; }
verify_alone() {
  "${alone[@]}" "$SEALWRIGHT" verify file.txt --identity "$(sealed seal.json identity)" --issuer "$(sealed seal.json issuer)" "$@"
}
check "nothing can be reached there" isolated
check "seal" seal_alone
check "verify" verify_alone --require signature,provenance,sbom

# A process of the command's that calls socket or connect is killed (159 is 128 + SIGSYS).
denied=(python3 "$INTEROP/clients/no_sockets.py")
offline() { "${denied[@]}" "$SEALWRIGHT" verify --offline "$@"; }
by_identity() { offline "$@" --identity "$(sealed seal.json identity)" --issuer "$(sealed seal.json issuer)"; }
by_key() { offline "$@" --key cosign.pub --insecure-ignore-tlog; }
registry_refused() { exits 2 offline localhost:9/app:1 --key cosign.pub; }
key_refused() { exits 2 offline file.txt --key "k8s://default/key"; }
check "a socket is denied" exits 159 "${denied[@]}" python3 -c 'import socket; socket.socket()'
check "a pair of sockets is not" "${denied[@]}" python3 -c 'import socket; socket.socketpair()'

export COSIGN_PASSWORD=sealwright
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"
old() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$@"; }
new() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --signing-config no-log.json "$@"; }

check "a file with all claims beside it" by_identity file.txt --require signature,provenance,sbom
check "a bundle by name" by_identity file.txt --bundle file.txt.sigstore.json
check "JSON lines of bundles by name" by_identity file.txt --bundle file.txt.sigstore.jsonl --require provenance
"$SEALWRIGHT" root show >root.json 2>/dev/null || die "no trusted root"
elsewhere() { SEALWRIGHT_HOME=$TMP/.nowhere by_identity "$@"; }
check "with a trusted root from a file" elsewhere file.txt --trusted-root root.json
echo 'predicate: buildDefinition: buildType: string' >policy.cue
check "with a policy" by_identity file.txt --require provenance --policy policy.cue
mkdir tree; echo x >tree/x
check "a directory is sealed" "$SEALWRIGHT" seal dir:tree
check "a directory" by_identity dir:tree --require signature,sbom

cp file.txt detached.txt
check "cosign signs a file, detached" old sign-blob --output-signature detached.txt.sig detached.txt
check "a detached signature" by_key detached.txt
from_variable() { KEY="$(cat cosign.pub)" offline detached.txt --key env://KEY --insecure-ignore-tlog; }
check "a key out of a variable" from_variable
check "cosign writes the bundle of version 2" old sign-blob --bundle old.json detached.txt
check "a bundle of version 2" by_key detached.txt --bundle old.json
check "cosign writes a Sigstore bundle" new sign-blob --bundle new.json detached.txt
check "cosign's Sigstore bundle" by_key detached.txt --bundle new.json

"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
cp -r layout sealed-layout
check "a layout is sealed" "$SEALWRIGHT" seal oci:sealed-layout:multi
check "a layout with bundles as referrers" by_identity oci:sealed-layout:multi --require signature,provenance,sbom
start_registry_referrers
push layout:multi "$REGISTRY/app:v1"
check "cosign signs under tags" old sign "$REGISTRY/app@$digest"
echo '{"buildType": "test"}' >predicate.json
check "cosign attests under a tag" old attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/app@$digest"
check "cosign saves the image" "$COSIGN" save --dir saved "$REGISTRY/app@$digest"
check "a directory of cosign save" by_key oci:saved --require signature,provenance
# The same tags and referrers in layouts, where copying brings them.
for form in legacy bundle; do push layout:multi "$REGISTRY/$form:v1"; done
legacy() { COSIGN_EXPERIMENTAL=1 old sign --registry-referrers-mode oci-1-1 "$1"; }
check "cosign signs as legacy OCI 1.1" legacy "$REGISTRY/legacy@$digest"
check "cosign signs a bundle" new sign "$REGISTRY/bundle@$digest"
tagged_layout() {
  local tag=sha256-${digest#sha256:}
  skopeo --insecure-policy copy --quiet --all --src-tls-verify=false "docker://$REGISTRY/app:v1" oci:tagged:v1
  skopeo --insecure-policy copy --quiet --src-tls-verify=false "docker://$REGISTRY/app:$tag.sig" "oci:tagged:$tag.sig"
  by_key oci:tagged:v1
}
check "a layout with cosign's tags" tagged_layout
# A referrer, brought into a layout as any tool that copies referrers does: blobs, and a descriptor without a name.
referring_layout() {
  python3 - "$REGISTRY" "$1" "$digest" "$2" <<'PY'
import hashlib, json, pathlib, shutil, sys, urllib.request
registry, name, digest, target = sys.argv[1:]
shutil.copytree("layout", target)
blobs = pathlib.Path(target, "blobs/sha256")
accept = {"Accept": "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"}
def get(path):
    return urllib.request.urlopen(urllib.request.Request(f"http://{registry}/v2/{name}/{path}", headers=accept)).read()
def keep(content):
    (blobs / hashlib.sha256(content).hexdigest()).write_bytes(content)
index = json.loads(pathlib.Path(target, "index.json").read_text())
for found in json.loads(get(f"referrers/{digest}"))["manifests"]:
    manifest = get(f"manifests/{found['digest']}")
    keep(manifest)
    for part in [json.loads(manifest)["config"], *json.loads(manifest)["layers"]]:
        keep(get(f"blobs/{part['digest']}"))
    index["manifests"].append({key: found[key] for key in ("mediaType", "digest", "size")})
pathlib.Path(target, "index.json").write_text(json.dumps(index))
PY
  by_key "oci:$2:multi"
}
check "a layout with legacy OCI 1.1" referring_layout legacy legacy-layout
check "a layout with cosign's bundle" referring_layout bundle bundle-layout

# An instance that is known by its TUF repository: asked once, then kept.
services_start
check "an instance becomes known" "$SEALWRIGHT" root init --name corp --mirror "$SERVICES/tuf" --root "$SERVICES_DIR/root.json"
services_stop || die "the services did not stop"
echo "by another" >other.txt
"$SEALWRIGHT" --home "$TMP/.services" seal other.txt -o json >other.json || die "the services' own directory does not seal"
kept() { offline other.txt --profile corp --identity "$(sealed other.json identity)" --issuer "$(sealed other.json issuer)"; }
check "a root kept from a TUF repository" kept

check "an image in a registry is refused before any socket" registry_refused
check "a key in a cluster is refused before any socket" key_refused
finish
