# One image signed in every way at once, by an identity and by a key, beside a stranger's signature and a broken one: verify says
# of each whether it counted and why, and the stranger's and the broken one block nothing.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
export COSIGN_PASSWORD=sealwright
for name in stranger cosign; do
  "$COSIGN" generate-key-pair --output-key-prefix "$name" >/dev/null 2>&1 || die "cosign made no key pair"
done
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
hex=${digest#sha256:}
old() { local what=$1 key=$2; shift 2; "$COSIGN" "$what" --yes --key "$key.key" --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$@"; }
new() { local what=$1 key=$2; shift 2; "$COSIGN" "$what" --yes --key "$key.key" --signing-config no-log.json "$@"; }
legacy() { COSIGN_EXPERIMENTAL=1 old sign cosign --registry-referrers-mode oci-1-1 "$1"; }
# A signature by the right key over something else.
broken() {
  echo "something else" >other.txt
  old sign-blob cosign --output-signature wrong.sig other.txt
  "$COSIGN" generate "$1" >payload.json
  "$COSIGN" attach signature --payload payload.json --signature wrong.sig "$1"
}
ours() {
  "$SEALWRIGHT" verify "$image" --identity "$(sealed seal.json identity)" --issuer "$(sealed seal.json issuer)" \
    --insecure-ignore-tlog "$@"
}
# evidence DECISION EXPRESSION: how many pieces of evidence came out so.
evidence() { jq -e --arg d "$1" "[.targets[0].evidence[] | select(.subject == \"$digest\" and .decision == \$d) | select($2)] | length" said.json; }
is() { local got; got=$(evidence "$2" "$3") || true; [ "$got" = "$1" ] || { jq '.targets[0].evidence[] | {location, decision, kind, key, identity, failure}' said.json; echo "$got such, wanted $1"; return 1; }; }
words() { grep -F -- "$1" said.txt || { cat said.txt; return 1; }; }

for kind in docker referrers; do
  "start_registry_$kind"
  image=$REGISTRY/app@$digest
  push layout:multi "$REGISTRY/app:v1"
  check "$kind: under a tag" old sign cosign "$image"
  check "$kind: as legacy OCI 1.1" legacy "$image"
  check "$kind: as a bundle, by a key" new sign cosign "$image"
  check "$kind: as a bundle, by an identity" sh -c "'$SEALWRIGHT' seal '$image' --again -o json >seal.json"
  check "$kind: by a stranger, under the tag" old sign stranger "$image"
  check "$kind: by a stranger, as a bundle" new sign stranger "$image"
  check "$kind: a broken one" broken "$image"
  both() { ours --key cosign.pub -o json >said.json; }
  check "$kind: the image is accepted" both
  check "$kind: the signature under the tag counts" is 1 accepted ".location | contains(\"sha256-$hex.sig\")"
  check "$kind: those of the key count" is 3 accepted '.key'
  check "$kind: that of the identity counts" is 1 accepted '.kind == "signature" and .identity'
  check "$kind: the strangers' and the broken one do not" is 3 rejected '.failure.code | startswith("sig.")'
  shown() {
    ours --key cosign.pub >said.txt
    cat said.txt
    head -n 1 said.txt | grep -q ^accepted
    jq -r '.targets[0].evidence[] | (.location, .failure.message // empty)' said.json | while read -r line; do words "$line"; done
  }
  check "$kind: and in words it says why" shown
done
finish
