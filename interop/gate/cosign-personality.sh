# Started as cosign: what cosign 3.1.3 signs verifies under the same command line with the same exit code and the same JSON, and
# what we sign under its command lines verifies with the real one. Every flag its help shows is known.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
export COSIGN_PASSWORD=sealwright
mkdir bin; ln -s "$SEALWRIGHT" bin/cosign
OURS=$TMP/bin/cosign
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
mv cosign.key other.key; mv cosign.pub other.pub
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"
echo '{"buildType": "test"}' >predicate.json
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)

# shape FILE: the paths in JSON, with the values that must be the same; one line of JSON or several.
shape() { jq -cS 'del(.. | .Bundle?) | if type == "array" then sort_by(.critical.type) else . end' "$1" 2>/dev/null | sort; }
# same WANTED ARGUMENT…: both exit with WANTED, and print the same.
same() {
  local want=$1 theirs=0 ours=0; shift
  "$COSIGN" "$@" >theirs.out 2>theirs.err </dev/null || theirs=$?
  "$OURS" "$@" >ours.out 2>ours.err </dev/null || ours=$?
  if [ "$theirs" -ne "$want" ] || [ "$ours" -ne "$want" ]; then
    echo "wanted $want, cosign $theirs, ours $ours: $*"; tail -n 3 theirs.err; tail -n 5 ours.err; return 1
  fi
  diff <(shape theirs.out) <(shape ours.out)
}
# The lines a person reads after a verification, but for what cosign says of a log that nobody looked at.
talk() { grep -E '^(Verification for|The following|  - The |Verified OK)' "$1"; }
same_talk() {
  same 0 "$@"
  case " $* " in
    # The real one says that it looked at the log even when it was told not to.
    *" --insecure-ignore-tlog "*) diff <(talk theirs.err | grep -v 'transparency log') <(talk ours.err) ;;
    *) diff <(talk theirs.err) <(talk ours.err) ;;
  esac
}
old() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$@"; }
new() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --signing-config no-log.json "$@"; }

# Every flag of every command of the real one is one of ours.
every_flag() {
  local command flag missing=0
  while read -r command; do
    "$OURS" $command --help >ours.help
    for flag in $("$COSIGN" $command --help 2>/dev/null | grep -oE '^ +(-[a-zA-Z], )?--[a-zA-Z0-9-]+' | grep -oE -- '--[a-zA-Z0-9-]+'); do
      grep -qE -- "(^| )$flag=" ours.help || { echo "cosign $command $flag is unknown"; missing=1; }
    done
  done <<COMMANDS
attach attestation
attach sbom
attach signature
attest
attest-blob
bundle create
bundle inspect
bundle upgrade
clean
completion
copy
dockerfile verify
download attestation
download sbom
download signature
env
generate
generate-key-pair
import-key-pair
initialize
load
login
manifest verify
public-key
save
sign
sign-blob
signing-config create
tree
triangulate
trusted-root create
upload blob
upload wasm
verify
verify-attestation
verify-blob
verify-blob-attestation
version
COMMANDS
  [ "$missing" -eq 0 ]
}
check "every flag of cosign's help is known" every_flag

for kind in docker referrers; do
  "start_registry_$kind"
  for name in tag bundle sealed bare; do push layout:multi "$REGISTRY/$name:v1"; done
  key=(--key cosign.pub --insecure-ignore-tlog)
  check "$kind: real signs under a tag" old sign -a team=core "$REGISTRY/tag@$digest"
  check "$kind: real attests under a tag" old attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/tag@$digest"
  check "$kind: real signs a bundle" new sign -a team=core "$REGISTRY/bundle@$digest"
  check "$kind: real attests a bundle" new attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/bundle@$digest"
  for form in tag bundle; do
    check "$kind $form: verify" same_talk verify "${key[@]}" "$REGISTRY/$form:v1"
    check "$kind $form: verify by digest, text" same 0 verify "${key[@]}" -o text "$REGISTRY/$form@$digest"
    check "$kind $form: verify-attestation" same_talk verify-attestation "${key[@]}" --type slsaprovenance1 "$REGISTRY/$form:v1"
    check "$kind $form: verify-attestation of another type" same 1 verify-attestation "${key[@]}" --type spdx "$REGISTRY/$form:v1"
    check "$kind $form: verify-attestation by another key" same 1 verify-attestation --key other.pub --insecure-ignore-tlog --type slsaprovenance1 "$REGISTRY/$form:v1"
  done
  check "$kind tag: annotations" same_talk verify "${key[@]}" -a team=core "$REGISTRY/tag:v1"
  check "$kind tag: other annotations: 12" same 12 verify "${key[@]}" -a team=other "$REGISTRY/tag:v1"
  check "$kind bundle: other annotations: 1" same 1 verify "${key[@]}" -a team=other "$REGISTRY/bundle:v1"
  check "$kind tag: another key: 12" same 12 verify --key other.pub --insecure-ignore-tlog "$REGISTRY/tag:v1"
  check "$kind bundle: another key: 1" same 1 verify --key other.pub --insecure-ignore-tlog "$REGISTRY/bundle:v1"
  check "$kind: no signature: 10" same 10 verify "${key[@]}" "$REGISTRY/bare:v1"
  check "$kind: no attestation: 1" same 1 verify-attestation "${key[@]}" "$REGISTRY/bare:v1"
  check "$kind: no such tag: 11" same 11 verify "${key[@]}" "$REGISTRY/bare:none"

  # What `seal` made, by identity.
  "$SEALWRIGHT" seal "$REGISTRY/sealed:v1" --provenance none --sbom none -o json >seal.json 2>/dev/null || die "seal failed"
  "$SEALWRIGHT" root show >root.json
  signer=(--certificate-identity "$(sealed seal.json identity)" --certificate-oidc-issuer "$(sealed seal.json issuer)")
  issuer=(--certificate-oidc-issuer "$(sealed seal.json issuer)")
  root=(--trusted-root root.json)
  check "$kind: by identity" same_talk verify "${root[@]}" "${signer[@]}" "$REGISTRY/sealed:v1"
  check "$kind: by a regular expression for a part" same_talk verify "${root[@]}" --certificate-identity-regexp sealwright.inval --certificate-oidc-issuer-regexp '^https://' "$REGISTRY/sealed:v1"
  check "$kind: by another regular expression" same 1 verify "${root[@]}" --certificate-identity-regexp '^sealwright' "${issuer[@]}" "$REGISTRY/sealed:v1"
  check "$kind: by another identity" same 1 verify "${root[@]}" --certificate-identity nobody@example.com "${issuer[@]}" "$REGISTRY/sealed:v1"
  check "$kind: by another issuer" same 1 verify "${root[@]}" --certificate-identity "$(sealed seal.json identity)" --certificate-oidc-issuer https://example.com "$REGISTRY/sealed:v1"
done

echo "a release" >checksums.txt; echo other >other.txt
check "real signs a file, detached" old sign-blob --output-signature checksums.sig checksums.txt
check "real signs a file with the bundle of version 2" old sign-blob --bundle old.json checksums.txt
check "real signs a file with a Sigstore bundle" new sign-blob --bundle new.json checksums.txt
check "real attests a file" new attest-blob --type slsaprovenance1 --predicate predicate.json --bundle att.json checksums.txt
check "verify-blob, signature in a file" same_talk verify-blob "${key[@]}" --signature checksums.sig checksums.txt
check "verify-blob, signature as text" same_talk verify-blob "${key[@]}" --signature "$(cat checksums.sig)" checksums.txt
check "verify-blob, bundle" same_talk verify-blob "${key[@]}" --bundle new.json checksums.txt
check "verify-blob, bundle and digest" same_talk verify-blob "${key[@]}" --bundle new.json "sha256:$(sha256sum checksums.txt | cut -d' ' -f1)"
check "verify-blob, old bundle" same_talk verify-blob "${key[@]}" --bundle old.json checksums.txt
for blob in other.txt absent.txt; do
  check "verify-blob, $blob: signature" same 1 verify-blob "${key[@]}" --signature checksums.sig "$blob"
  check "verify-blob, $blob: bundle" same 1 verify-blob "${key[@]}" --bundle new.json "$blob"
done
check "verify-blob, another key" same 1 verify-blob --key other.pub --insecure-ignore-tlog --bundle new.json checksums.txt
check "verify-blob-attestation" same_talk verify-blob-attestation "${key[@]}" --type slsaprovenance1 --bundle att.json checksums.txt
check "verify-blob-attestation, digest" same_talk verify-blob-attestation "${key[@]}" --type slsaprovenance1 --bundle att.json --digest "$(sha256sum checksums.txt | cut -d' ' -f1)" --digestAlg sha256
check "verify-blob-attestation, claims unchecked" same 0 verify-blob-attestation "${key[@]}" --type slsaprovenance1 --bundle att.json --check-claims=false
check "verify-blob-attestation, other file" same 1 verify-blob-attestation "${key[@]}" --type slsaprovenance1 --bundle att.json other.txt
check "verify-blob-attestation, other type" same 1 verify-blob-attestation "${key[@]}" --type cyclonedx --bundle att.json checksums.txt

# ---- ours signs with a key, the real one verifies

ours_old() { local what=$1; shift; "$OURS" "$what" --yes --key cosign.key --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$@"; }
ours_new() { local what=$1; shift; "$OURS" "$what" --yes --key cosign.key --signing-config no-log.json "$@"; }
for name in ours-tag ours-bundle; do push layout:multi "$REGISTRY/$name:v1"; done
check "ours signs under a tag" ours_old sign -a team=core "$REGISTRY/ours-tag@$digest"
check "ours attests under a tag" ours_old attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/ours-tag@$digest"
check "ours signs a bundle" ours_new sign -a team=core "$REGISTRY/ours-bundle@$digest"
check "ours attests a bundle" ours_new attest --type slsaprovenance1 --predicate predicate.json "$REGISTRY/ours-bundle@$digest"
for form in ours-tag ours-bundle; do
  check "$form: verify" same_talk verify "${key[@]}" -a team=core "$REGISTRY/$form:v1"
  check "$form: verify-attestation" same_talk verify-attestation "${key[@]}" --type slsaprovenance1 "$REGISTRY/$form:v1"
done
check "ours signs a file, detached" ours_old sign-blob --output-signature ours.sig checksums.txt
check "ours signs a file with the bundle of version 2" ours_old sign-blob --bundle ours-old.json checksums.txt
check "ours signs a file with a Sigstore bundle" ours_new sign-blob --bundle ours-new.json checksums.txt
check "ours attests a file" ours_new attest-blob --type slsaprovenance1 --predicate predicate.json --bundle ours-att.json checksums.txt
check "ours, detached" same_talk verify-blob "${key[@]}" --signature ours.sig checksums.txt
check "ours, old bundle" same_talk verify-blob "${key[@]}" --bundle ours-old.json checksums.txt
check "ours, bundle" same_talk verify-blob "${key[@]}" --bundle ours-new.json checksums.txt
check "ours, attestation" same_talk verify-blob-attestation "${key[@]}" --type slsaprovenance1 --bundle ours-att.json checksums.txt
without_yes() { exits 1 "$OURS" sign-blob --key cosign.key --bundle x.json checksums.txt; [ ! -e x.json ]; }
check "what would be made public needs --yes" without_yes

# ---- keys, names, stores

same_keys() { "$OURS" generate-key-pair --output-key-prefix made; cmp <("$COSIGN" public-key --key made.key) <("$OURS" public-key --key made.key); cmp made.pub <("$COSIGN" public-key --key made.key); }
check "keys made by ours are read by the real one" same_keys
for type in signature attestation sbom digest; do check "triangulate $type" same 0 triangulate --type $type "$REGISTRY/tag:v1"; done
check "generate" same 0 generate -a team=core "$REGISTRY/tag:v1"
sboms() { echo '{}' >sbom.spdx.json; "$OURS" attach sbom --sbom sbom.spdx.json "$REGISTRY/ours-tag:v1"; same 0 download sbom "$REGISTRY/ours-tag:v1"; }
check "attach sbom, download sbom" sboms
copied() { "$OURS" copy "$REGISTRY/tag:v1" "$REGISTRY/copied:v1" && same 0 verify "${key[@]}" "$REGISTRY/copied:v1"; }
check "copy" copied
saved() { "$OURS" save --dir saved "$REGISTRY/tag:v1" && "$COSIGN" verify "${key[@]}" --local-image saved && "$OURS" verify "${key[@]}" --local-image saved; }
check "save, verified locally by both" saved
tsv() { "$OURS" tree "$REGISTRY/tag:v1" && "$OURS" download signature "$REGISTRY/tag:v1" | jq -e .Base64Signature; }
check "tree and download signature" tsv
cleaned() { "$OURS" clean -f "$REGISTRY/copied:v1" && exits 10 "$OURS" verify "${key[@]}" "$REGISTRY/copied:v1"; }
check "clean" cleaned
logged_in() { echo secret | "$OURS" login -u me --password-stdin registry.test && jq -e '.auths["registry.test"].auth == "bWU6c2VjcmV0"' "$DOCKER_CONFIG/config.json" && [ "$(stat -c %a "$DOCKER_CONFIG/config.json")" = 600 ]; rm -f "$DOCKER_CONFIG/config.json"; }
check "login" logged_in

# ---- the command lines of everyday, unchanged, against services on this machine

services_start
initialize() { "$1" initialize --mirror "$SERVICES/tuf" --root "$SERVICES_DIR/root.json"; }
check "ours initialize" initialize "$OURS"
export SIGSTORE_ID_TOKEN COSIGN_EXPERIMENTAL=1
in_ci() { SIGSTORE_ID_TOKEN=$(mint_token github-actions) "$@"; }
push layout:multi "$REGISTRY/myapp:latest"
echo '{"spdxVersion": "SPDX-2.3"}' >sbom.spdx.json
subject=$(token_identity github-actions); actions=$(token_issuer github-actions)
everyday=(--certificate-identity-regexp "${subject%/*}/.*" --certificate-oidc-issuer "$actions")
trusted=(--trusted-root "$SERVICES_DIR/trusted_root.json")
check "cosign sign --yes IMAGE@DIGEST" in_ci "$OURS" sign --yes "$REGISTRY/myapp@$digest"
check "cosign verify by regular expression and issuer" "$OURS" verify "${everyday[@]}" "$REGISTRY/myapp:latest"
check "the real one verifies it" "$COSIGN" verify "${trusted[@]}" "${everyday[@]}" "$REGISTRY/myapp:latest"
check "cosign attach sbom" "$OURS" attach sbom --sbom sbom.spdx.json "$REGISTRY/myapp:latest"
check "the real one downloads it" "$COSIGN" download sbom "$REGISTRY/myapp:latest"
check "cosign sign-blob --yes --output-signature" in_ci "$OURS" sign-blob --yes --output-signature checksums.txt.sig checksums.txt
check "cosign verify-blob with the signature alone" "$OURS" verify-blob "${everyday[@]}" --signature checksums.txt.sig checksums.txt
check "the real one verifies the bundle beside it" "$COSIGN" verify-blob "${trusted[@]}" "${everyday[@]}" --bundle checksums.txt.sigstore.json checksums.txt
other_sig() { cp other.txt x.txt; cp checksums.txt.sig x.txt.sig; exits 1 "$OURS" verify-blob "${everyday[@]}" --signature x.txt.sig x.txt; }
check "without its bundle it says what is missing" other_sig
real_signs() { in_ci "$COSIGN" sign --yes --signing-config "$SERVICES_DIR/signing_config_v1.json" "${trusted[@]}" "$REGISTRY/sealed@$digest"; }
check "the real one signs" real_signs
check "ours verifies it" "$OURS" verify "${everyday[@]}" "$REGISTRY/sealed:v1"
check "another issuer is refused" exits 1 "$OURS" verify "${everyday[@]:0:2}" --certificate-oidc-issuer https://accounts.example.com "$REGISTRY/sealed:v1"
unset SIGSTORE_ID_TOKEN COSIGN_EXPERIMENTAL

for line in "nope" "verify" "verify --bogus x" "verify --certificate-identity" "verify --max-workers=x y" "verify -t 3 y" "verify-blob a b" "verify --key a --certificate-identity b c"; do
  check "refused alike: $line" same 1 $line
done
finish
