# A Debian image: sealed as an OCI layout and in both registries, verified by us and by cosign, its SBOM as dpkg lists it.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
image=$("$INTEROP/images/make-debian")
# Sealing writes into the layout: a copy, without doubling the blobs.
cp -al "$image/layout" layout && rm layout/index.json && cp "$image/layout/index.json" layout/
dpkg-query -W -f '${Package}\t${Version}\n' --admindir="$image/root/var/lib/dpkg" >packages

# seal_image TARGET NAME: seals into NAME.json, with NAME.root.json the trusted root.
seal_image() {
  "$SEALWRIGHT" seal "$1" -o json >"$2.json"
  [ "$(sealed "$2.json" outcome)" = sealed ]
  jq -e '[.targets[0].evidence[].kind] | sort == ["provenance", "sbom", "signature"]' "$2.json"
  "$SEALWRIGHT" root show >root.json
}
pasted() { bash -c "$(sealed "$1.json" verifyCommand) --require signature,provenance,sbom -o json" >verdict.json; jq -e '.schema == "sealwright.dev/verify/v1"' verdict.json; }
sbom_as_dpkg() { "$SEALWRIGHT" sbom show "$1" >shown; cut -f 1,2 shown | diff packages -; cut -f 3 shown | grep -vc '^pkg:deb/debian/' && return 1; [ "$(wc -l <shown)" -ge 80 ]; }
sbom_generated() {
  local format
  for format in spdx cyclonedx; do
    "$SEALWRIGHT" sbom generate "$1" -o "$format" >"$format.1.json"
    "$SEALWRIGHT" sbom generate "$1" -o "$format" >"$format.2.json"
    cmp "$format.1.json" "$format.2.json"
  done
}
unchanged() { "$SEALWRIGHT" seal "$1" -o json >again.json; [ "$(sealed again.json outcome)" = unchanged ]; }
wrong_identity() { jq '.targets[0].identity |= "other-" + .' "$2.json" >other.json; exits 1 verify_as other.json "$1"; }
cosign_verifies() { by_cosign root.json "$2.json" verify "$1"; }
cosign_attestation() { by_cosign root.json "$3.json" verify-attestation --type "$2" "$1" >att; [ -s att ]; }
cosign_refuses() { jq '.targets[0].identity |= "other-" + .' "$2.json" >other.json; refuses by_cosign root.json other.json verify "$1"; }
# cosign looks only at an image that its own `save` has marked.
cosign_local() {
  cp -al layout marked && rm marked/index.json
  jq '(.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "bookworm") | .annotations.kind) = "dev.cosignproject.cosign/image"' \
    layout/index.json >marked/index.json
  by_cosign root.json layout.json verify --local-image marked
}
copied_layout() { skopeo inspect --raw oci:layout:bookworm | sha256sum | grep -q "$(sealed layout.json digest | cut -d: -f2)"; }
# The referrer manifests have the shape that cosign 3 writes.
cosign_shape() {
  local ref repo base location media
  media=application/vnd.dev.sigstore.bundle.v0.3+json
  for location in $(jq -r '.targets[0].evidence[].location' "$1.json"); do
    ref=${location##*@}; repo=${REGISTRY#*:}; base=http://$REGISTRY/v2/debian
    fetch "$base/manifests/$ref" >manifest.json
    jq -e --arg media "$media" --arg subject "$(sealed "$1.json" digest)" '
      .schemaVersion == 2 and .mediaType == "application/vnd.oci.image.manifest.v1+json" and .artifactType == $media
      and .config.mediaType == "application/vnd.oci.empty.v1+json" and .config.size == 2
      and (.layers | length) == 1 and .layers[0].mediaType == $media and .subject.digest == $subject
      and (.subject.size > 0) and (.subject.mediaType | length > 0)
      and .annotations["dev.sigstore.bundle.content"] == "dsse-envelope"
      and (.annotations["dev.sigstore.bundle.predicateType"] | startswith("https://"))
      and (.annotations["org.opencontainers.image.created"] | endswith("Z"))' manifest.json
  done
}
fetch() { curl -sSf -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' "$1"; }

check "layout: seal" seal_image oci:layout:bookworm layout
check "layout: the tag still names the image" copied_layout
check "layout: the printed command accepts" pasted layout
check "layout: sbom show is what dpkg-query lists, line for line" sbom_as_dpkg oci:layout:bookworm
check "layout: sealed again: unchanged" unchanged oci:layout:bookworm
check "layout: another identity: rejected" wrong_identity oci:layout:bookworm layout
check "layout: both SBOM formats are the same bytes twice" sbom_generated oci:layout:bookworm
check "layout: cosign verify --local-image" cosign_local

for kind in docker referrers; do
  "start_registry_$kind"
  target=$REGISTRY/debian:bookworm
  check "$kind: skopeo pushes" push "$image/layout:bookworm" "$target"
  check "$kind: seal" seal_image "$target" "$kind"
  check "$kind: the printed command accepts" pasted "$kind"
  check "$kind: verify by digest" verify_as "$kind.json" "$REGISTRY/debian@$(sealed "$kind.json" digest 2>/dev/null || true)" --require signature,provenance,sbom
  check "$kind: sbom show is what dpkg-query lists, line for line" sbom_as_dpkg "$target"
  check "$kind: sealed again: unchanged" unchanged "$target"
  check "$kind: another identity: rejected" wrong_identity "$target" "$kind"
  check "$kind: referrers in cosign's shape" cosign_shape "$kind"
  check "$kind: cosign verify, by tag" cosign_verifies "$target" "$kind"
  check "$kind: cosign verify, by digest" cosign_verifies "$REGISTRY/debian@$(sealed "$kind.json" digest 2>/dev/null || true)" "$kind"
  check "$kind: cosign verify-attestation of the provenance" cosign_attestation "$target" https://slsa.dev/provenance/v1 "$kind"
  check "$kind: cosign verify-attestation of the SBOM" cosign_attestation "$target" spdxjson "$kind"
  check "$kind: another identity: cosign refuses" cosign_refuses "$target" "$kind"
done
finish
