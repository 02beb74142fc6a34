# cosign 2.6.1 against `sealwright up`: signatures and attestations under tags, bundles of version 2 and of version 0.3, with and
# without a timestamp; verified by us, by itself and by cosign 3, and refused with one thing wrong. And it verifies what we sealed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
services_start
COSIGN_2=$(peer cosign-2)/cosign
root=$SERVICES_DIR/trusted_root.json
kind=github-actions
said_by $kind >signer.json
said_by gitlab >other.json
echo '{"buildDefinition": {"buildType": "x", "externalParameters": {}}, "runDetails": {"builder": {"id": "x"}}}' >predicate.json
printf 'an artifact\n' >app.bin
flip_byte app.bin flipped.bin 4
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
hex=${digest#sha256:}

check "it begins with the update repository" "$COSIGN_2" initialize --mirror "$SERVICES/tuf" --root "$SERVICES_DIR/root.json"
# old WHAT ARGUMENT…: as its users have it, with what it knows from the update repository.
old() {
  local what=$1; shift
  "$COSIGN_2" "$what" --yes --fulcio-url "$SERVICES" --rekor-url "$SERVICES" --identity-token "$(mint_token $kind)" "$@"
}
stamped() { local what=$1; shift; old "$what" --timestamp-server-url "$SERVICES/api/v1/timestamp" "$@"; }
new() {
  local what=$1; shift
  "$COSIGN_2" "$what" --yes --new-bundle-format --trusted-root "$root" --signing-config "$SERVICES_DIR/signing_config_v1.json" \
    --identity-token "$(mint_token $kind)" "$@"
}
itself() {
  local said=$1 what=$2; shift 2
  "$COSIGN_2" "$what" --rekor-url "$SERVICES" --certificate-identity "$(sealed "$said" identity)" \
    --certificate-oidc-issuer "$(sealed "$said" issuer)" "$@"
}
ours() { local said=$1; shift; verify_as "$said" "$@" --trusted-root "$root"; }

for registry in docker referrers; do
  "start_registry_$registry"
  image=$REGISTRY/app
  push layout:multi "$image:v1"
  check "$registry: signs under a tag" old sign "$image@$digest"
  check "$registry: attests under a tag" old attest --type slsaprovenance1 --predicate predicate.json "$image@$digest"
  check "$registry: verify accepts both" ours signer.json "$image:v1" --require signature,provenance
  check "$registry: it accepts its signature" itself signer.json verify "$image:v1"
  check "$registry: it accepts its attestation" itself signer.json verify-attestation --type slsaprovenance1 "$image:v1"
  check "$registry: cosign 3 accepts its signature" by_cosign "$root" signer.json verify --new-bundle-format=false "$image:v1"
  check "$registry: another identity: verify rejects" exits 1 ours other.json "$image:v1"
  check "$registry: another identity: it refuses" refuses itself other.json verify "$image:v1"
  push layout:multi "$REGISTRY/stamped:v1"
  check "$registry: signs with a timestamp" stamped sign "$REGISTRY/stamped@$digest"
  check "$registry: verify accepts the timestamp" ours signer.json "$REGISTRY/stamped:v1"
done
"$COSIGN_2" save --dir saved "$REGISTRY/app@$digest"
check "what it saved is accepted without any network" ours signer.json oci:saved --offline --require signature,provenance

check "a file with a bundle of version 2" old sign-blob --bundle old.json app.bin
check "verify accepts it" ours signer.json app.bin --bundle old.json
check "it accepts it itself" itself signer.json verify-blob --bundle old.json app.bin
check "flipped: verify rejects" exits 1 ours signer.json flipped.bin --bundle old.json
check "another identity: verify rejects" exits 1 ours other.json app.bin --bundle old.json
check "a file with a bundle of version 0.3" new sign-blob --bundle new.json app.bin
check "verify accepts it" ours signer.json app.bin --bundle new.json
check "cosign 3 accepts it" by_cosign "$root" signer.json verify-blob --bundle new.json app.bin
check "flipped: verify rejects" exits 1 ours signer.json flipped.bin --bundle new.json

# ---- the other direction
"$SEALWRIGHT" seal app.bin -o json >seal.json
accepts_ours() {
  "$COSIGN_2" verify-blob --new-bundle-format --trusted-root "$1" --bundle app.bin.sigstore.json \
    --certificate-identity "$(sealed seal.json identity)" --certificate-oidc-issuer "$(sealed seal.json issuer)" "$2"
}
"$SEALWRIGHT" root show >ours.json
check "it accepts what we sealed" accepts_ours ours.json app.bin
check "flipped: it refuses" refuses accepts_ours ours.json flipped.bin
check "another root: it refuses" refuses accepts_ours "$root" app.bin
finish
