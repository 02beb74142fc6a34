# What cosign stores, in every form it knows, verified by us: tags, legacy OCI 1.1, bundles as referrers, the fallback tag,
# saved directories, bundles and detached signatures of files. Signed with a key: no log, which has to be said each time.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
export COSIGN_PASSWORD=sealwright
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
mv cosign.key other.key; mv cosign.pub other.pub
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
echo '{"buildType": "test"}' >predicate.json
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
hex=${digest#sha256:}
# A signing configuration without any service: the new form is signed with the key alone.
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"

old() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$@"; }
new() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --signing-config no-log.json "$@"; }
ours() { "$SEALWRIGHT" verify "$@" --key cosign.pub --insecure-ignore-tlog; }
# found TYPE ARGUMENT…: accepted, and evidence of a kind lies where the form says.
found() { local where=$1; shift; ours "$@" -o json >said.json; jq -e --arg w "$where" '[.targets[].evidence[] | select(.decision == "accepted") | .location | contains($w)] | any' said.json; }
without_key() { exits 1 "$SEALWRIGHT" verify "$1" --key other.pub --insecure-ignore-tlog; }
with_log() { exits 1 "$SEALWRIGHT" verify "$1" --key cosign.pub; }

for kind in docker referrers; do
  "start_registry_$kind"
  for form in tag legacy-oci-1-1 bundle; do
    push layout:multi "$REGISTRY/$form:v1"
  done
  check "$kind: cosign signs and attests under tags" old sign "$REGISTRY/tag@$digest"
  check "$kind: cosign attests under a tag" old attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/tag@$digest"
  check "$kind: a signature under a tag is accepted" found "sha256-$hex.sig" "$REGISTRY/tag:v1"
  check "$kind: an attestation under a tag is accepted" found "sha256-$hex.att" "$REGISTRY/tag:v1" --require provenance
  check "$kind: another key is rejected" without_key "$REGISTRY/tag:v1"
  check "$kind: the missing log is noticed" with_log "$REGISTRY/tag:v1"
  check "$kind: cosign signs a bundle" new sign "$REGISTRY/bundle@$digest"
  check "$kind: cosign attests a bundle" new attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/bundle@$digest"
  check "$kind: bundles as referrers are accepted" found "bundle@sha256:" "$REGISTRY/bundle:v1" --require signature,provenance
  check "$kind: another key is rejected, of bundles" without_key "$REGISTRY/bundle:v1"
done
export COSIGN_EXPERIMENTAL=1
check "cosign signs as legacy OCI 1.1" old sign --registry-referrers-mode oci-1-1 "$REGISTRY/legacy-oci-1-1@$digest"
unset COSIGN_EXPERIMENTAL
check "legacy OCI 1.1 is accepted" found "legacy-oci-1-1@sha256:" "$REGISTRY/legacy-oci-1-1:v1"
check "cosign saves an image with what is under its tags" "$COSIGN" save --dir saved "$REGISTRY/tag@$digest"
check "a saved directory is accepted" ours oci:saved --offline --require signature,provenance

echo "a release" >checksums.txt
check "cosign signs a file, detached" old sign-blob --output-signature checksums.txt.sig checksums.txt
check "a detached signature beside the file is accepted" found checksums.txt.sig checksums.txt
cp checksums.txt changed.txt; echo x >>changed.txt; cp checksums.txt.sig changed.txt.sig
check "a detached signature of another file is rejected" exits 1 ours changed.txt
check "cosign signs a file with the bundle of version 2" old sign-blob --bundle old.json checksums.txt
check "the bundle of version 2 is accepted" ours checksums.txt --bundle old.json
check "cosign signs a file with a Sigstore bundle" new sign-blob --bundle new.json checksums.txt
check "the Sigstore bundle is accepted" ours checksums.txt --bundle new.json
finish
