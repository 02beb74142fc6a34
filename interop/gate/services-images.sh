# What other clients sign with `sealwright up` for images, verified by us and by cosign: bundles as referrers and under the
# fallback tag, cosign's older signatures and attestations under tags, in registries with and without the referrers API, both log
# versions. And what is refused.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
services_start
root=$SERVICES_DIR/trusted_root.json
kind=github-actions
said_by $kind >signer.json
said_by gitlab >other.json
SIGSTORE_CLI=$(peer sigstore-cli)/node_modules/@sigstore/cli/bin/run
cat >predicate.json <<'JSON'
{"buildDefinition": {"buildType": "https://example.com/build", "externalParameters": {"ref": "main"}},
 "runDetails": {"builder": {"id": "https://example.com/builder"}}}
JSON
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
hex=${digest#sha256:}

# new VERSION COMMAND…: cosign's bundles. old COMMAND…: what it wrote before, which only log version 1 serves.
new() {
  local version=$1 what=$2; shift 2
  "$COSIGN" "$what" --yes --trusted-root "$root" --signing-config "$SERVICES_DIR/signing_config_v$version.json" \
    --identity-token "$(mint_token $kind)" "$@"
}
old() {
  local what=$1; shift
  SIGSTORE_ROOT_FILE=$TMP/ca.pem SIGSTORE_REKOR_PUBLIC_KEY=$TMP/rekor.pub SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=$TMP/ctfe.pub \
    "$COSIGN" "$what" --yes --use-signing-config=false --new-bundle-format=false --fulcio-url "$SERVICES" --rekor-url "$SERVICES" \
    --identity-token "$(mint_token $kind)" "$@"
}
env_old() { export COSIGN_EXPERIMENTAL=1; old "$@"; }
curl -sf "$SERVICES/api/v1/rootCert" >ca.pem
curl -sf "$SERVICES/api/v1/log/publicKey" >rekor.pub
jq -r '.ctlogs[0].publicKey.rawBytes' "$root" | base64 -d | openssl pkey -pubin -inform DER >ctfe.pub
ours() { local said=$1; shift; verify_as "$said" "$@" --trusted-root "$root"; }
# found WHERE ARGUMENT…: accepted, and evidence lies where the form says.
found() {
  local where=$1; shift
  ours signer.json "$@" -o json >said.json
  jq -e --arg w "$where" '[.targets[].evidence[] | select(.decision == "accepted") | .location | contains($w)] | any' said.json
}
missing() { exits 1 ours signer.json "$@"; }

for registry in docker referrers; do
  "start_registry_$registry"
  for version in 1 2; do
    image=$REGISTRY/bundle-$version
    push layout:multi "$image:v1"
    name="$registry, log version $version"
    check "$name: cosign signs" new $version sign "$image@$digest"
    check "$name: cosign attests" new $version attest --type slsaprovenance1 --predicate predicate.json "$image@$digest"
    check "$name: verify accepts" found "bundle-$version@sha256:" "$image:v1" --require signature,provenance
    check "$name: cosign accepts the signature" by_cosign "$root" signer.json verify "$image:v1"
    check "$name: cosign accepts the attestation" by_cosign "$root" signer.json verify-attestation --type slsaprovenance1 "$image:v1"
    check "$name: another identity: verify rejects" exits 1 ours other.json "$image:v1"
    check "$name: another identity: cosign refuses" refuses by_cosign "$root" other.json verify "$image:v1"
    check "$name: nobody attested an SBOM: verify rejects" missing "$image:v1" --require sbom
  done
  image=$REGISTRY/tags
  push layout:multi "$image:v1"
  check "$registry: cosign signs under a tag" old sign "$image@$digest"
  check "$registry: cosign attests under a tag" old attest --type slsaprovenance1 --predicate predicate.json "$image@$digest"
  check "$registry: verify accepts the signature under a tag" found "sha256-$hex.sig" "$image:v1"
  check "$registry: verify accepts the attestation under a tag" found "sha256-$hex.att" "$image:v1" --require provenance
  check "$registry: cosign accepts the signature under a tag" by_cosign "$root" signer.json verify --new-bundle-format=false "$image:v1"
  check "$registry: under a tag, another identity: verify rejects" exits 1 ours other.json "$image:v1"
  push layout:multi "$REGISTRY/legacy:v1"
  check "$registry: cosign signs as legacy OCI 1.1" env_old sign --registry-referrers-mode oci-1-1 "$REGISTRY/legacy@$digest"
  check "$registry: verify accepts legacy OCI 1.1" found "legacy@sha256:" "$REGISTRY/legacy:v1"
  check "$registry: legacy OCI 1.1, another identity: verify rejects" exits 1 ours other.json "$REGISTRY/legacy:v1"
  # The same evidence beside other bytes: one platform's image, and not the index.
  skopeo --insecure-policy copy --quiet --dest-tls-verify=false "oci:layout:multi" "docker://$REGISTRY/changed:v1"
  changed=$(skopeo inspect --tls-verify=false --raw "docker://$REGISTRY/changed:v1" | sha256sum | cut -d' ' -f1)
  moved() {
    [ "$changed" != "$hex" ]
    skopeo --insecure-policy copy --quiet --src-tls-verify=false --dest-tls-verify=false \
      "docker://$image:sha256-$hex.sig" "docker://$REGISTRY/changed:sha256-$changed.sig"
    exits 1 ours signer.json "$REGISTRY/changed:v1"
  }
  check "$registry: a signature of another image: verify rejects" moved
done

check "cosign saves what it signed" "$COSIGN" save --dir saved "$REGISTRY/tags@$digest"
check "the saved directory is accepted without any network" ours signer.json oci:saved --offline --require signature,provenance
services_stop
check "the image is accepted when nobody serves any more" ours signer.json "$REGISTRY/bundle-2:v1" --require signature,provenance
check "the log is sound" "$SEALWRIGHT" --home "$TMP/.services" log fsck
finish
