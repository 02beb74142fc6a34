# `seal` and `verify` of a file need no network: both run in a network namespace without even a loopback device that is up.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
echo "no network" >file.txt

# Without the right to make a network namespace, through a user namespace; one of the two must work.
if unshare -n true 2>/dev/null; then alone=(unshare -n); else alone=(unshare -r -n); fi
check "a namespace without network can be made" "${alone[@]}" true
isolated() { exits 1 "${alone[@]}" python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9), 1)'; }
seal_alone() { "${alone[@]}" "$SEALWRIGHT" seal file.txt -o json >seal.json; }
verify_alone() {
  "${alone[@]}" "$SEALWRIGHT" verify file.txt --identity "$(sealed seal.json identity)" --issuer "$(sealed seal.json issuer)" "$@"
}
no_sockets() {
  strace -f -qq -e trace=socket,connect -o trace "$SEALWRIGHT" verify file.txt --offline \
    --identity "$(sealed seal.json identity)" --issuer "$(sealed seal.json issuer)"
  cat trace
  ! grep -E '(socket|connect)\(' trace
}
check "nothing can be reached there" isolated
check "seal" seal_alone
check "verify" verify_alone --require signature,provenance,sbom
check "verify --offline" verify_alone --offline
check "verify --offline makes no socket" no_sockets
finish
