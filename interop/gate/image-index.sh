# An image index: the index and every platform's image are signed, one SBOM per platform, in a layout and in both registries.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
"$INTEROP/images/make-index" layout >packages
manifests=$(jq -r '.manifests[0].digest' layout/index.json)
children=$(jq -r '.manifests[].digest' "layout/blobs/sha256/${manifests#sha256:}")
cp -a layout original

seal_index() {
  "$SEALWRIGHT" seal "$1" -o json >"$2.json"
  "$SEALWRIGHT" root show >root.json
  jq -r '.targets[].evidence[] | select(.kind == "signature") | .subject' "$2.json" | sort >sealed
  printf '%s\n' $manifests $children | sort | diff - sealed
  jq -e '[.targets[].evidence[] | select(.kind == "sbom")] | length == 2' "$2.json"
}
# verify_each BASE NAME: the index with its tag, and each child by digest.
verify_each() {
  local digest
  for digest in $manifests $children; do verify_as "$2.json" "$1@$digest" --require signature; done
  for digest in $children; do verify_as "$2.json" "$1@$digest" --require signature,sbom; done
}
cosign_each() { local digest; for digest in $manifests $children; do by_cosign root.json "$2.json" verify "$1@$digest"; done; }
packages_of() {
  local platform digest
  for platform in amd64 arm64; do
    digest=$(jq -r --arg a "$platform" '.manifests[] | select(.platform.architecture == $a) | .digest' "layout/blobs/sha256/${manifests#sha256:}")
    "$SEALWRIGHT" sbom show "$1@$digest" | cut -f 1,2 >shown
    grep "^linux/$platform" packages | cut -f 2,3 | diff - shown
  done
}
verify_layout() { verify_as layout.json oci:layout:multi --require signature; }

check "layout: seal the index and its children" seal_index oci:layout:multi layout
check "layout: verify" verify_layout
for kind in docker referrers; do
  "start_registry_$kind"
  check "$kind: skopeo pushes" push original:multi "$REGISTRY/multi:v1"
  check "$kind: seal the index and its children" seal_index "$REGISTRY/multi:v1" "$kind"
  check "$kind: verify the index and each child" verify_each "$REGISTRY/multi" "$kind"
  check "$kind: verify by tag" verify_as "$kind.json" "$REGISTRY/multi:v1" --require signature
  check "$kind: sbom show of each platform" packages_of "$REGISTRY/multi"
  check "$kind: cosign verifies the index and each child" cosign_each "$REGISTRY/multi" "$kind"
done
finish
