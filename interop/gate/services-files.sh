# What other clients sign with `sealwright up`, verified by us and by every other client: cosign, sigstore-python and
# @sigstore/cli, files and statements, both log versions, tokens of every kind of issuer. And what they are refused.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
services_start
root=$SERVICES_DIR/trusted_root.json
printf 'an artifact\n' >app.bin
flip_byte app.bin flipped.bin 4
cat >predicate.json <<'JSON'
{"buildDefinition": {"buildType": "https://example.com/build", "externalParameters": {"ref": "main"}},
 "runDetails": {"builder": {"id": "https://example.com/builder"}}}
JSON
for kind in github-actions gitlab buildkite google email; do said_by $kind >$kind.json; done
for kind in github-actions email; do jq '.targets[0].identity |= "x" + .' $kind.json >other-$kind.json; done
SIGSTORE_CLI=$(peer sigstore-cli)/node_modules/@sigstore/cli/bin/run

# Ways to sign: VERSION KIND BUNDLE.
cosign_signs() {
  "$COSIGN" sign-blob --yes --trusted-root "$root" --signing-config "$SERVICES_DIR/signing_config_v$1.json" \
    --identity-token "$(mint_token "$2")" --bundle "$3" app.bin
}
cosign_attests() {
  "$COSIGN" attest-blob --yes --trusted-root "$root" --signing-config "$SERVICES_DIR/signing_config_v$1.json" \
    --identity-token "$(mint_token "$2")" --type slsaprovenance1 --predicate predicate.json --bundle "$3" app.bin
}
python_signs() {
  python_peer -m sigstore --trust-config "$SERVICES_DIR/trust_config_v$1.json" sign --identity-token "$(mint_token "$2")" \
    --bundle "$3" app.bin
}
python_attests() {
  python_peer -m sigstore --trust-config "$SERVICES_DIR/trust_config_v$1.json" attest --identity-token "$(mint_token "$2")" \
    --predicate-type https://slsa.dev/provenance/v1 --predicate predicate.json --bundle "$3" app.bin
}
# npm's client knows version 1 alone. It takes the token from the environment.
js_attests() {
  jq -n --arg hex "$(sha256sum app.bin | cut -d' ' -f1)" --slurpfile predicate predicate.json '{
    _type: "https://in-toto.io/Statement/v1", subject: [{name: "app.bin", digest: {sha256: $hex}}],
    predicateType: "https://slsa.dev/provenance/v1", predicate: $predicate[0]}' >statement.json
  CI=true SIGSTORE_ID_TOKEN=$(mint_token "$2") node "$SIGSTORE_CLI" attest --fulcio-url "$SERVICES" --rekor-url "$SERVICES" \
    --tsa-server-url "$SERVICES" --output-file "$3" statement.json
}
ours() { local said=$1; shift; verify_as "$said" "$@" --trusted-root "$root" ; }
# js_verifies BUNDLE KIND [ARGUMENT…]: by the update repository, and nothing else that is known beforehand.
js_verifies() {
  local bundle=$1 kind=$2 as; shift 2
  case $(token_identity "$kind") in *@*.com) as=email ;; *) as=uri ;; esac
  node "$SIGSTORE_CLI" verify "$bundle" --tuf-mirror-url "$SERVICES/tuf" --tuf-root-path "$SERVICES_DIR/root.json" \
    --tuf-cache-path "$TMP/.js-tuf" "--certificate-identity-$as" "$(token_identity "$kind")" \
    --certificate-issuer "$(token_issuer "$kind")" "$@"
}

# judged NAME VERSION KIND BUNDLE: by everybody, and by everybody with one thing wrong.
judged() {
  local name=$1 version=$2 kind=$3 bundle=$4 js="3 4" n
  check "$name: log version $version, as asked" logged "$bundle" "$version"
  check "$name: verify accepts" ours "$kind.json" app.bin --bundle "$bundle"
  # sigstore-python reads no entries of kind intoto, which @sigstore/cli makes.
  if ! jq -e '.verificationMaterial.tlogEntries[0].kindVersion.kind == "intoto"' "$bundle" >/dev/null; then
    check "$name: sigstore-python accepts" by_python "$root" "$kind.json" app.bin "$bundle"
  fi
  # 3.1.1 compares the wrong digest of a DSSE envelope in log version 2.
  if [ "$version" = 2 ] && jq -e .dsseEnvelope "$bundle" >/dev/null; then js=4; fi
  for n in $js; do check "$name: npm $n accepts" by_js "$n" "$root" "$kind.json" app.bin "$bundle"; done
  if jq -e .dsseEnvelope "$bundle" >/dev/null; then
    by_cosign_too() { by_cosign "$root" "$1" verify-blob-attestation --type slsaprovenance1 --bundle "$2" "$3"; }
  else
    by_cosign_too() { by_cosign "$root" "$1" verify-blob --bundle "$2" "$3"; }
  fi
  check "$name: cosign accepts" by_cosign_too "$kind.json" "$bundle" app.bin
  check "$name: flipped: verify rejects" exits 1 ours "$kind.json" flipped.bin --bundle "$bundle"
  check "$name: flipped: sigstore-python refuses" all_refused by_python "$root" "$kind.json" flipped.bin "$bundle"
  check "$name: flipped: npm 4 refuses" all_refused by_js 4 "$root" "$kind.json" flipped.bin "$bundle"
  check "$name: flipped: cosign refuses" refuses by_cosign_too "$kind.json" "$bundle" flipped.bin
  check "$name: another identity: verify rejects" exits 1 ours "other-$kind.json" app.bin --bundle "$bundle"
  check "$name: another identity: cosign refuses" refuses by_cosign_too "other-$kind.json" "$bundle" app.bin
}
logged() {
  jq -c '.verificationMaterial.tlogEntries[].kindVersion' "$1"
  case $2 in
    1) jq -e '.verificationMaterial.tlogEntries[0].inclusionPromise.signedEntryTimestamp' "$1" ;;
    2) jq -e '.verificationMaterial.tlogEntries[0].kindVersion.version == "0.0.2"' "$1" ;;
  esac
}

# Go's JSON leaves zeros out, and sigstore-python wants them: so the entry at 0 is nobody's.
check "the log's first entry" cosign_signs 1 google nobody.json
for version in 1 2; do
  check "v$version cosign signs a file" cosign_signs $version github-actions cosign-$version.json
  judged "v$version cosign's signature" $version github-actions cosign-$version.json
  check "v$version cosign attests a file" cosign_attests $version github-actions cosign-att-$version.json
  judged "v$version cosign's attestation" $version github-actions cosign-att-$version.json
  check "v$version sigstore-python signs a file" python_signs $version email python-$version.json
  judged "v$version sigstore-python's signature" $version email python-$version.json
  check "v$version sigstore-python attests a file" python_attests $version email python-att-$version.json
  judged "v$version sigstore-python's attestation" $version email python-att-$version.json
done
check "@sigstore/cli attests" js_attests 1 github-actions js-att.json
judged "@sigstore/cli's attestation" 1 github-actions js-att.json

# ---- clients that know the first root of the update repository, and nothing else
check "@sigstore/cli verifies its attestation by the update repository" js_verifies js-att.json github-actions
check "@sigstore/cli verifies cosign's attestation by it" js_verifies cosign-att-1.json github-actions
check "@sigstore/cli verifies sigstore-python's signature by it" js_verifies python-1.json email --blob-file app.bin
check "@sigstore/cli refuses another file" refuses js_verifies python-1.json email --blob-file flipped.bin
check "@sigstore/cli refuses another identity" refuses js_verifies js-att.json gitlab
check "cosign begins with the update repository" "$COSIGN" initialize --mirror "$SERVICES/tuf" --root "$SERVICES_DIR/root.json"
cosign_by_itself() {
  "$COSIGN" sign-blob --yes --identity-token "$(mint_token gitlab)" --bundle itself.json app.bin
  "$COSIGN" verify-blob --bundle itself.json --certificate-identity "$(token_identity gitlab)" \
    --certificate-oidc-issuer "$(token_issuer gitlab)" app.bin
}
check "cosign signs and verifies, told nothing more" cosign_by_itself
cosign_with_foreign_root() {
  jq '.signed.version = 9' "$SERVICES_DIR/root.json" >forged.json
  HOME=$TMP/.other "$COSIGN" initialize --mirror "$SERVICES/tuf" --root forged.json
}
check "cosign refuses a root that was changed" refuses cosign_with_foreign_root

# ---- what cosign wrote before there were bundles of Sigstore's form
curl -sf "$SERVICES/api/v1/rootCert" >ca.pem
curl -sf "$SERVICES/api/v1/log/publicKey" >rekor.pub
jq -r '.ctlogs[0].publicKey.rawBytes' "$root" | base64 -d | openssl pkey -pubin -inform DER >ctfe.pub
old_bundle() {
  SIGSTORE_ROOT_FILE=$TMP/ca.pem SIGSTORE_REKOR_PUBLIC_KEY=$TMP/rekor.pub SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=$TMP/ctfe.pub \
    "$COSIGN" sign-blob --yes --use-signing-config=false --new-bundle-format=false --fulcio-url "$SERVICES" --rekor-url "$SERVICES" \
    --identity-token "$(mint_token github-actions)" --bundle old.json app.bin
  jq -e .rekorBundle.SignedEntryTimestamp old.json
}
check "cosign signs with a bundle of version 2" old_bundle
check "verify accepts the bundle of version 2" ours github-actions.json app.bin --bundle old.json
check "flipped: verify rejects the bundle of version 2" exits 1 ours github-actions.json flipped.bin --bundle old.json
check "another identity: verify rejects the bundle of version 2" exits 1 ours other-github-actions.json app.bin --bundle old.json

# ---- every kind of issuer
for kind in gitlab buildkite google email; do
  check "$kind: cosign signs" cosign_signs 2 $kind $kind-bundle.json
  check "$kind: verify accepts the identity" ours $kind.json app.bin --bundle $kind-bundle.json
  check "$kind: verify rejects another issuer" exits 1 ours github-actions.json app.bin --bundle $kind-bundle.json
done
repository_claims() {
  ours github-actions.json app.bin --bundle cosign-1.json --require-claim source-repository-uri=https://github.com/myorg/app \
    --require-claim build-trigger=push
}
check "verify reads what the token said of the build" repository_claims

# ---- tokens that are not believed
refused_token() {
  local status
  status=$(jq -n --arg token "$1" --arg key "$(openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout 2>/dev/null)" \
    '{credentials: {oidcIdentityToken: $token}, publicKeyRequest: {publicKey: {algorithm: "ECDSA", content: $key}, proofOfPossession: "AA=="}}' |
    curl -s -o answer.json -w '%{http_code}' -H 'Content-Type: application/json' -d @- "$SERVICES/api/v2/signingCert")
  cat answer.json
  [ "$status" = 400 ] && jq -e --arg why "$2" '.message | contains($why)' answer.json
}
check "an expired token is refused" refused_token "$(mint_token email exp=1000000000)" "identity token"
check "a token for others is refused" refused_token "$(mint_token email aud=npm)" "identity token"
check "a token of an unknown issuer is refused" refused_token "$(mint_token email iss=https://evil.example)" "identity token"
check "an unverified address is refused" refused_token "$(mint_token email email_verified=false)" "identity token"
token=$(mint_token email)
check "a token with another's signature is refused" refused_token "${token%.*}.$(mint_token github-actions | cut -d. -f3)" "identity token"
check "a key without proof is refused" refused_token "$token" "could not be verified"

# ---- afterwards
stopped=0
services_stop || stopped=$?
check "it stops when it is told to" test "$stopped" = 0
check "it takes its URL back" test ! -e "$SERVICES_DIR/url"
check "the log is sound" "$SEALWRIGHT" --home "$TMP/.services" log fsck
finish
