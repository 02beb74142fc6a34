# gitsign 0.14.0 against `sealwright up`: commits signed with a token, verified by it and by git; and refused with one thing wrong.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
services_start
GITSIGN=$(peer gitsign)/gitsign
kind=github-actions
# Its libraries ask in two ways: for single files, and for the trusted root of the update repository.
export SIGSTORE_ROOT_FILE=$TMP/ca.pem SIGSTORE_REKOR_PUBLIC_KEY=$TMP/rekor.pub SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=$TMP/ctfe.pub
curl -sf "$SERVICES/api/v1/rootCert" >ca.pem
curl -sf "$SERVICES/api/v1/log/publicKey" >rekor.pub
jq -r '.ctlogs[0].publicKey.rawBytes' "$SERVICES_DIR/trusted_root.json" | base64 -d | openssl pkey -pubin -inform DER >ctfe.pub
export TUF_MIRROR=$SERVICES/tuf TUF_ROOT_JSON=$SERVICES_DIR/root.json GITSIGN_FULCIO_ROOT=$TMP/ca.pem
export GITSIGN_FULCIO_URL=$SERVICES GITSIGN_REKOR_URL=$SERVICES GITSIGN_TOKEN_PROVIDER=envvar
export GITSIGN_LOG=$TMP/gitsign.log GIT_CONFIG_NOSYSTEM=1
git init -q repository; cd repository
git config user.name Developer; git config user.email dev@example.com
git config gpg.x509.program "$GITSIGN"; git config gpg.format x509; git config commit.gpgsign true; git config tag.gpgsign true
commits() {
  echo "$1" >file; git add file
  SIGSTORE_ID_TOKEN=$(mint_token $kind) git commit -q -m "$1" || { cat "$GITSIGN_LOG" >&2; return 1; }
}
verifies() {
  "$GITSIGN" verify --certificate-identity "$(token_identity "$1")" --certificate-oidc-issuer "$(token_issuer "$1")" "${2:-HEAD}"
}
for mode in online offline; do
  export GITSIGN_REKOR_MODE=$mode
  check "$mode: signs a commit" commits $mode
  check "$mode: verifies it" verifies $kind
  check "$mode: git verifies it" git verify-commit HEAD
  check "$mode: another identity is refused" refuses verifies gitlab
done
forged() {
  local forged
  forged=$(git cat-file commit HEAD | sed 's/^offline$/changed/' | git hash-object -t commit -w --stdin)
  [ "$forged" != "$(git rev-parse HEAD)" ]
  verifies $kind "$forged"
}
check "a changed commit is refused" refuses forged
unsigned() {
  local before
  before=$(git rev-parse HEAD)
  if SIGSTORE_ID_TOKEN=$(mint_token $kind aud=npm) git commit -q --allow-empty -m refused; then return 1; fi
  [ "$(git rev-parse HEAD)" = "$before" ]
}
check "a token for others signs nothing" unsigned
cd "$TMP"
services_stop
check "the log is sound" "$SEALWRIGHT" --home "$TMP/.services" log fsck
finish
