# Every client accepts what `seal` made of a file, with both log versions, and refuses it after one bit of the file changed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"

# clients VERSION: seals a file with that log version and shows it to every client.
clients() {
  local version=$1 dir=$TMP/v$1
  mkdir "$dir"; cd "$dir"
  printf 'the artifact of log version %s\n' "$version" >app.bin
  flip_byte app.bin flipped.bin 4

  check "v$version seal a file" seal_file "$version"
  check "v$version verify accepts it" verify_as seal.json app.bin --require signature,provenance,sbom
  check "v$version three bundles, one a line, the first the signature's" three_bundles
  check "v$version trusted root and client trust config are printed" print_roots

  check "v$version sigstore-python accepts every bundle" by_python root.json seal.json app.bin app.bin.sigstore.json app.bin.sigstore.jsonl
  check "v$version sigstore --trust-config accepts the signature" python_cli app.bin.sigstore.json app.bin
  check "v$version sigstore --trust-config accepts each attestation" python_cli_attestations
  if [ "$version" = 1 ]; then
    check "v1 npm @sigstore/verify 3 accepts every bundle" by_js 3 root.json seal.json app.bin app.bin.sigstore.json app.bin.sigstore.jsonl
  else
    # 3.1.1 compares the wrong digest of a DSSE envelope in log version 2: only the signature.
    check "v2 npm @sigstore/verify 3 accepts the signature" by_js 3 root.json seal.json app.bin app.bin.sigstore.json
  fi
  check "v$version npm @sigstore/verify 4 accepts every bundle" by_js 4 root.json seal.json app.bin app.bin.sigstore.json app.bin.sigstore.jsonl
  check "v$version cosign verify-blob accepts the signature" by_cosign root.json seal.json verify-blob --bundle app.bin.sigstore.json app.bin
  check "v$version cosign verify-blob-attestation accepts each attestation" cosign_attestations app.bin

  check "v$version flipped: verify rejects" flipped_verify
  check "v$version flipped: sigstore-python refuses every bundle" all_refused by_python root.json seal.json flipped.bin app.bin.sigstore.jsonl
  check "v$version flipped: sigstore --trust-config refuses" refuses python_cli app.bin.sigstore.json flipped.bin
  check "v$version flipped: npm 3 refuses every bundle" all_refused by_js 3 root.json seal.json flipped.bin app.bin.sigstore.jsonl
  check "v$version flipped: npm 4 refuses every bundle" all_refused by_js 4 root.json seal.json flipped.bin app.bin.sigstore.jsonl
  check "v$version flipped: cosign verify-blob refuses" refuses by_cosign root.json seal.json verify-blob --bundle app.bin.sigstore.json flipped.bin
  check "v$version flipped: cosign verify-blob-attestation refuses each" cosign_refuses_attestations flipped.bin

  jq '.targets[0].identity |= "other-" + .' seal.json >other.json
  check "v$version another identity: verify rejects" exits 1 verify_as other.json app.bin
  check "v$version another identity: sigstore-python refuses" all_refused by_python root.json other.json app.bin app.bin.sigstore.jsonl
  check "v$version another identity: npm 4 refuses" all_refused by_js 4 root.json other.json app.bin app.bin.sigstore.jsonl
  check "v$version another identity: cosign refuses" refuses by_cosign root.json other.json verify-blob --bundle app.bin.sigstore.json app.bin
  cd "$TMP"
}

seal_file() {
  "$SEALWRIGHT" seal app.bin --rekor-version "$1" -o json >seal.json
  jq -e '.schema == "sealwright.dev/seal/v1" and (.targets | length) == 1' seal.json
  [ "$(sealed seal.json outcome)" = sealed ]
  [ "$(sealed seal.json digest)" = "sha256:$(sha256sum app.bin | cut -d' ' -f1)" ]
  jq -e '[.targets[0].evidence[].kind] | sort == ["provenance", "sbom", "signature"]' seal.json
  # The identity of the local profile is an e-mail address, its issuer a URL, both in the reserved domain.
  sealed seal.json identity | grep -E '^[^@]+@[^@]+\.sealwright\.invalid$'
  sealed seal.json issuer | grep -E '^https://.*sealwright\.invalid'
}
three_bundles() {
  [ "$(wc -l <app.bin.sigstore.jsonl)" -eq 3 ]
  jq -e '.messageSignature' app.bin.sigstore.json
  [ "$(jq -c . app.bin.sigstore.json)" = "$(head -n 1 app.bin.sigstore.jsonl | jq -c .)" ]
  [ "$(predicate_types app.bin.sigstore.jsonl | sort -u | wc -l)" -eq 2 ]
  [ -s app.bin.spdx.json ] && jq -e '.spdxVersion == "SPDX-2.3"' app.bin.spdx.json
}
print_roots() {
  "$SEALWRIGHT" root show >root.json
  "$SEALWRIGHT" root show --format trust-config >trust.json
  jq -e '.tlogs and .certificateAuthorities and .ctlogs and .timestampAuthorities' root.json
  jq -e --slurpfile root root.json '.trustedRoot == $root[0]' trust.json
}
# python_cli BUNDLE ARTIFACT
python_cli() {
  python_peer -m sigstore --trust-config trust.json verify identity --bundle "$1" \
    --cert-identity "$(sealed seal.json identity)" --cert-oidc-issuer "$(sealed seal.json issuer)" "$2"
}
python_cli_attestations() {
  local n
  for n in 2 3; do sed -n "${n}p" app.bin.sigstore.jsonl >"one.json"; python_cli one.json app.bin; done
}
# each_attestation COMMAND…: runs `COMMAND FILE TYPE` for every attestation.
cosign_attestations() {
  local line type count=0
  while read -r line; do
    printf '%s\n' "$line" >one.json
    type=$(predicate_types one.json)
    by_cosign root.json seal.json verify-blob-attestation --bundle one.json --type "$type" "$1"
    count=$((count + 1))
  done < <(jq -c 'select(.dsseEnvelope)' app.bin.sigstore.jsonl)
  [ "$count" -eq 2 ]
}
cosign_refuses_attestations() {
  local line type count=0
  while read -r line; do
    printf '%s\n' "$line" >one.json
    type=$(predicate_types one.json)
    refuses by_cosign root.json seal.json verify-blob-attestation --bundle one.json --type "$type" "$1"
    count=$((count + 1))
  done < <(jq -c 'select(.dsseEnvelope)' app.bin.sigstore.jsonl)
  [ "$count" -eq 2 ]
}
flipped_verify() {
  exits 1 verify_as seal.json flipped.bin --bundle app.bin.sigstore.jsonl -o json >verdict.json
  cat verdict.json
  grep -q '"artifact.digest-mismatch"' verdict.json
}

clients 1
clients 2
finish
