# What `sign` and `attest` make against `sealwright up` and with keys, in every form, verified by every other client: both log versions,
# tokens of every kind of issuer, every kind of key, with and without a log, files and images.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
services_start
root=$SERVICES_DIR/trusted_root.json
printf 'an artifact\n' >app.bin
flip_byte app.bin flipped.bin 4
echo '{"verdict": "fine"}' >predicate.json
type=https://example.com/review/v1
for kind in github-actions gitlab buildkite google email; do said_by $kind >$kind.json; done
jq '.targets[0].identity |= "x" + .' email.json >other.json
# in_ci KIND COMMAND…: as in a CI system that gives such a token.
in_ci() { local kind=$1; shift; CI=true SIGSTORE_ID_TOKEN=$(mint_token "$kind") "$@"; }
# signs VERSION KIND BUNDLE, attests VERSION KIND BUNDLE
signs() { in_ci "$2" "$SEALWRIGHT" sign app.bin --trust-config "$SERVICES_DIR/trust_config_v$1.json" --bundle "$3"; }
attests() {
  in_ci "$2" "$SEALWRIGHT" attest app.bin --trust-config "$SERVICES_DIR/trust_config_v$1.json" --predicate predicate.json --type $type \
    --bundle "$3"
}
cosign_attestation() { by_cosign "$root" "$1" verify-blob-attestation --bundle "$2" --type $type "$3"; }

for version in 1 2; do
  for kind in email github-actions gitlab buildkite google; do
    name="v$version $kind"
    bundle=v$version-$kind.json
    check "$name: sign" signs $version $kind $bundle
    check "$name: verify accepts" verify_as $kind.json app.bin --bundle $bundle --trusted-root "$root"
    check "$name: cosign accepts" by_cosign "$root" $kind.json verify-blob --bundle $bundle app.bin
    check "$name: sigstore-python accepts" by_python "$root" $kind.json app.bin $bundle
    check "$name: npm 4 accepts" by_js 4 "$root" $kind.json app.bin $bundle
  done
  check "v$version attest" attests $version email att.json
  check "v$version attestation: verify accepts" verify_as email.json app.bin --bundle att.json --trusted-root "$root" --require $type
  check "v$version attestation: cosign accepts" cosign_attestation email.json att.json app.bin
  check "v$version attestation: sigstore-python accepts" by_python "$root" email.json app.bin att.json
  check "v$version attestation: npm 4 accepts" by_js 4 "$root" email.json app.bin att.json
  check "v$version flipped: cosign refuses" refuses by_cosign "$root" email.json verify-blob --bundle v$version-email.json flipped.bin
  check "v$version flipped: sigstore-python refuses" all_refused by_python "$root" email.json flipped.bin v$version-email.json
  check "v$version another identity: cosign refuses" refuses by_cosign "$root" other.json verify-blob --bundle v$version-email.json app.bin
  check "v$version another identity: verify rejects" exits 1 verify_as other.json app.bin --bundle v$version-email.json --trusted-root "$root"
  in_suite() {
    "$SEALWRIGHT" conformance sign-bundle --identity-token "$(mint_token email)" --bundle suite.json --trusted-root "$root" \
      --signing-config "$SERVICES_DIR/signing_config_v$version.json" app.bin
  }
  check "v$version conformance sign-bundle" in_suite
  check "v$version conformance: sigstore-python accepts" by_python "$root" email.json app.bin suite.json
done
# A certificate alone, with a timestamp: cosign wants no log when it is told so.
no_log() { in_ci email "$SEALWRIGHT" sign app.bin --trust-config "$SERVICES_DIR/trust_config.json" --no-tlog --bundle no-log.json; }
check "no log: sign" no_log
check "no log: verify rejects unless told" exits 1 verify_as email.json app.bin --bundle no-log.json --trusted-root "$root"
check "no log: verify accepts when told" verify_as email.json app.bin --bundle no-log.json --trusted-root "$root" --insecure-ignore-tlog
check "no log: cosign accepts when told" by_cosign "$root" email.json verify-blob --bundle no-log.json --insecure-ignore-tlog --use-signed-timestamps app.bin
check "no log: cosign refuses otherwise" refuses by_cosign "$root" email.json verify-blob --bundle no-log.json app.bin

# ---- keys

export COSIGN_PASSWORD=
# The log that keys use unless told otherwise is the data directory's own.
seed() { "$SEALWRIGHT" sign app.bin --bundle seed.json; "$SEALWRIGHT" root show >own.json; }
check "the data directory's own root" seed
for algorithm in ecdsa-p256 ecdsa-p384 ecdsa-p521 ed25519 rsa-3072; do
  "$SEALWRIGHT" keys generate --algorithm $algorithm --out $algorithm >/dev/null 2>&1 || die "no $algorithm key"
  # cosign 3.1.3 looks for SHA-256 with whatever key it is given, and so refuses what it signed itself with the others.
  case $algorithm in ecdsa-p256 | rsa-3072) cosign="cosign accepts" word= ;; *) cosign="cosign refuses, as its own" word=refuses ;; esac
  for version in 1 2; do
    check "$algorithm v$version: sign" "$SEALWRIGHT" sign app.bin --key $algorithm.key --rekor-version $version --bundle key.json
    check "$algorithm v$version: verify accepts" "$SEALWRIGHT" verify app.bin --key $algorithm.pub --bundle key.json
    check "$algorithm v$version: $cosign" $word "$COSIGN" verify-blob --key $algorithm.pub --trusted-root own.json --bundle key.json app.bin
    check "$algorithm v$version: flipped, cosign refuses" refuses "$COSIGN" verify-blob --key $algorithm.pub --trusted-root own.json --bundle key.json flipped.bin
    check "$algorithm v$version: attest" "$SEALWRIGHT" attest app.bin --key $algorithm.key --rekor-version $version --bundle att.json --predicate predicate.json --type $type
    check "$algorithm v$version attestation: verify accepts" "$SEALWRIGHT" verify app.bin --key $algorithm.pub --bundle att.json --require $type
    [ "$algorithm v$version" != "ed25519 v1" ] || word=
    check "$algorithm v$version attestation: cosign ${word:-accepts}" $word "$COSIGN" verify-blob-attestation --key $algorithm.pub --trusted-root own.json --bundle att.json --type $type app.bin
    [ "$algorithm v$version" != "ed25519 v1" ] || word=refuses
  done
  check "$algorithm alone: sign" "$SEALWRIGHT" sign app.bin --key $algorithm.key --no-tlog --bundle alone.json
  check "$algorithm alone: verify accepts when told" "$SEALWRIGHT" verify app.bin --key $algorithm.pub --insecure-ignore-tlog --bundle alone.json
  check "$algorithm alone: $cosign when told" $word "$COSIGN" verify-blob --key $algorithm.pub --insecure-ignore-tlog --bundle alone.json app.bin
done

# ---- images

"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
old=(--new-bundle-format=false)
for registry in docker referrers; do
  "start_registry_$registry"
  for form in bundle tag legacy-referrer; do
    for with in key email; do
      name="$registry $form $with"
      image=$REGISTRY/$form-$with@$digest
      push layout:multi "$REGISTRY/$form-$with:v1"
      case $with in
        key) how=(--key ecdsa-p256.key); who=(--key ecdsa-p256.pub --trusted-root own.json); by=("${who[@]}") ;;
        email)
          how=(--trust-config "$SERVICES_DIR/trust_config_v1.json")
          who=(--certificate-identity "$(token_identity email)" --certificate-oidc-issuer "$ISSUER" --trusted-root "$root")
          by=(--identity "$(token_identity email)" --issuer "$ISSUER" --trusted-root "$root")
          ;;
      esac
      check "$name: sign" in_ci email "$SEALWRIGHT" sign "$image" --form $form "${how[@]}"
      check "$name: attest" in_ci email "$SEALWRIGHT" attest "$image" --form $form "${how[@]}" --predicate predicate.json --type $type
      check "$name: verify accepts" "$SEALWRIGHT" verify "$image" "${by[@]}" --require signature,$type
      case $form in
        bundle) more=() ;;
        tag) more=("${old[@]}") ;;
        # cosign looks for signatures in that form when told, and never for attestations.
        legacy-referrer) more=("${old[@]}" --experimental-oci11) ;;
      esac
      [ $form != legacy-referrer ] || export COSIGN_EXPERIMENTAL=1
      check "$name: cosign verify accepts" "$COSIGN" verify "${who[@]}" "${more[@]}" "$image"
      check "$name: cosign verify refuses another" refuses "$COSIGN" verify --key ed25519.pub --insecure-ignore-tlog "${more[@]}" "$image"
      unset COSIGN_EXPERIMENTAL
      if [ $form != legacy-referrer ]; then
        check "$name: cosign verify-attestation accepts" "$COSIGN" verify-attestation "${who[@]}" "${more[@]}" --type $type "$image"
      fi
    done
  done
done
services_stop || die "the services did not stop"
finish
