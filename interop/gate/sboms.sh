# SBOMs are valid against the public schemas, and list what the ecosystems' own tools list.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
cyclonedx=$SEALWRIGHT_CORPORA/cyclonedx spdx=$SEALWRIGHT_CORPORA/spdx
image=$("$INTEROP/images/make-debian")
"$INTEROP/images/make-index" index >/dev/null
echo "just a file" >plain.txt
# A directory with one of each: real lock files, an installed Python site, a Go binary.
mkdir -p tree/rust tree/node tree/python tree/go
cp "$ROOT/Cargo.lock" tree/rust/
cp "$INTEROP/peers/sigstore-js-4/package.json" "$INTEROP/peers/sigstore-js-4/package-lock.json" tree/node/
cp -r "$PYTHON_SITE" tree/python/site-packages
cp "$COSIGN" tree/go/

schema() { python_peer "$INTEROP/clients/schema.py" "$@"; }
schemas_judge() {
  schema "$cyclonedx/schema/bom-1.6.schema.json" "$cyclonedx/documents/1.6/valid-bom-1.6.json"
  exits 1 schema "$cyclonedx/schema/bom-1.6.schema.json" "$cyclonedx/documents/1.6/invalid-component-type-1.6.json"
  echo '{"spdxVersion": "SPDX-2.3"}' >poor.json
  exits 1 schema "$spdx/spdx-2.3-schema.json" poor.json
}
# made TARGET NAME: both formats, valid, the same bytes twice, with the same packages in each.
made() {
  "$SEALWRIGHT" sbom generate "$1" -o spdx >"$2.spdx.json"
  "$SEALWRIGHT" sbom generate "$1" -o cyclonedx >"$2.cdx.json"
  "$SEALWRIGHT" sbom generate "$1" -o spdx | cmp - "$2.spdx.json"
  "$SEALWRIGHT" sbom generate "$1" -o cyclonedx | cmp - "$2.cdx.json"
  schema "$spdx/spdx-2.3-schema.json" "$2.spdx.json"
  schema "$cyclonedx/schema/bom-1.6.schema.json" "$2.cdx.json"
  jq -e '.spdxVersion == "SPDX-2.3"' "$2.spdx.json"
  jq -e '.specVersion == "1.6"' "$2.cdx.json"
  diff <(packages sbom "$2.spdx.json") <(packages sbom "$2.cdx.json")
}
packages() { python3 "$INTEROP/clients/packages.py" "$@"; }
itself_with_hashes() { jq -e --arg hash "$(sha256sum plain.txt | cut -d' ' -f1)" '[.. | strings] | index($hash)' plain.spdx.json plain.cdx.json; }
# lists TYPE KIND PATH [EXTRA]: the tree's SBOM has exactly what the other tool lists; lines matching EXTRA may come on top.
lists() {
  packages "$2" "$3" >expected
  packages sbom tree.cdx.json "$1" | { grep -Ev "${4:-^$}" || true; } >found
  [ -s expected ] && diff expected found
}

check "the validator tells good from bad" schemas_judge
check "a plain file: both formats" made plain.txt plain
check "a plain file: itself, with its hash" itself_with_hashes
check "the Debian image: both formats" made "oci:$image/layout:bookworm" debian
check "a directory tree: both formats" made dir:tree tree
check "Cargo.lock: every package" lists cargo cargo tree/rust/Cargo.lock
check "package-lock.json: every package" lists npm npm tree/node/package-lock.json '^pkg:npm/sealwright-interop'
check "Python dist-info: what pip lists" lists pypi python tree/python/site-packages
check "a Go binary: what go version -m lists" lists golang go tree/go/cosign '^pkg:golang/(stdlib|github\.com/sigstore/cosign/v3)@'
finish
