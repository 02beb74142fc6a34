# rekor-cli 1.5.0 against the log of `sealwright up`: upload, get, search, verify, its consistency proofs; and what it is refused.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
services_start
rekor() {
  local what=$1; shift
  "$(peer rekor-cli)/rekor-cli" "$what" --rekor_server "$SERVICES" --format json "$@"
}
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl ec -in key.pem -pubout -out key.pub 2>/dev/null
openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -out other.pub 2>/dev/null
for name in one two three; do
  echo "$name" >$name.txt
  openssl dgst -sha256 -sign key.pem -out $name.sig $name.txt
done
entry() {
  local file=$1 key=$2; shift 2
  set -- --type hashedrekord --pki-format x509 --public-key "$key" --signature "$file.sig" --artifact-hash "$(sha256sum "$file.txt" | cut -d' ' -f1)" "$@"
  printf '%s\n' "$@"
}
with_entry() { local what=$1 arguments; mapfile -t arguments < <(entry "$2" "$3"); rekor "$what" "${arguments[@]}"; }
check "the state of an empty log" rekor loginfo
check "uploads" with_entry upload one key.pub
check "uploads another" with_entry upload two key.pub
again() { with_entry upload one key.pub >said.json; cat said.json; jq -e '.AlreadyExists' said.json; }
check "an entry that is there is said to be there" again
check "the log grows consistently" rekor loginfo
gets() { rekor get --log-index 1 >entry.json; jq -e '.Body.HashedRekordObj' entry.json; rekor get --uuid "$(jq -r .UUID entry.json)"; }
check "gets by index and by id" gets
finds() { rekor search "$@" >found.json; cat found.json; jq -e '.UUIDs | length == 1' found.json; }
check "finds by digest" finds --sha "sha256:$(sha256sum one.txt | cut -d' ' -f1)"
check "finds by file" finds --artifact two.txt
finds_both() { rekor search --public-key key.pub --pki-format x509 >found.json; jq -e '.UUIDs | length == 2' found.json; }
check "finds by key" finds_both
finds_none() { refuses rekor search --sha "$(sha256sum three.txt | cut -d' ' -f1)" 2>&1 | grep 'no matching entries'; }
check "finds nothing that is not there" finds_none
check "verifies an inclusion" with_entry verify two key.pub
check "refuses what is not in the log" refuses with_entry verify three key.pub
check "another's key is refused" refuses with_entry upload three other.pub
check "a proof between sizes" rekor logproof --first-size 1 --last-size 2
# What other clients log is found under the identity of its certificate.
"$COSIGN" sign-blob --yes --trusted-root "$SERVICES_DIR/trusted_root.json" --signing-config "$SERVICES_DIR/signing_config_v1.json" \
  --identity-token "$(mint_token email)" --bundle cosign.json one.txt >/dev/null 2>&1 || die "cosign did not sign"
check "finds by e-mail address" finds --email dev@example.com
services_stop
services_start
check "the log is the same after a restart" rekor loginfo
check "and what it holds, too" with_entry verify one key.pub
finish
