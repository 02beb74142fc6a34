# Keys in a PKCS#11 token, played by SoftHSM2: found, signed with, verified; each thing wrong by itself.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
HELPER=${SEALWRIGHT_PKCS11_HELPER:-$(dirname "$SEALWRIGHT")/sealwright-pkcs11}
[ -x "$HELPER" ] || die "no helper at $HELPER: build it (cargo build --release -p sealwright-pkcs11) or set SEALWRIGHT_PKCS11_HELPER"
export SEALWRIGHT_PKCS11_HELPER=$HELPER
MODULE=$(dpkg -L libsofthsm2 | grep '/libsofthsm2\.so$' | head -n 1)
[ -n "$MODULE" ] || die "no libsofthsm2.so: interop/install-peers debian"
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\n' "$TMP/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$TMP/softhsm2.conf
softhsm2-util --init-token --free --label release --so-pin 11111111 --pin 1234 >/dev/null
softhsm2-util --init-token --free --label other --so-pin 11111111 --pin 1234 >/dev/null
echo 'some bytes' >blob

number=0
# import NAME TOKEN: the key of NAME.pem, under that label and an id of its own.
import() {
  number=$((number + 1))
  openssl pkcs8 -topk8 -nocrypt -in "$1.pem" -out "$1.p8"
  softhsm2-util --import "$1.p8" --token "$2" --label "$1" --id "0$number" --pin 1234 >/dev/null
  openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.pem 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.pem 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
openssl genpkey -algorithm ED25519 -out ed25519.pem 2>/dev/null

uri() { printf 'pkcs11:token=release;object=%s?module-path=%s' "$1" "$MODULE"; }
export SEALWRIGHT_PKCS11_PIN=1234
public_is() { "$SEALWRIGHT" keys public "$1" >found.pub; cmp "$2" found.pub; }
signs() {
  rm -f blob.sigstore.json
  "$SEALWRIGHT" sign blob --key "$(uri "$1")" --no-tlog
  "$SEALWRIGHT" verify blob --key "$1.pub" --insecure-ignore-tlog
  exits 1 "$SEALWRIGHT" verify blob --key other.pub --insecure-ignore-tlog
}
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null | openssl pkey -pubout -out other.pub
cosign_verifies() { signs "$1"; "$COSIGN" verify-blob --key "$1.pub" --insecure-ignore-tlog --bundle blob.sigstore.json blob; }

unsupported() { rm -f blob.sigstore.json; exits 3 "$SEALWRIGHT" sign blob --key "$(uri ed25519)" --no-tlog 2>said; grep -F 'error[key.unsupported]' said; [ ! -e blob.sigstore.json ]; }
for key in p256 p384 p521 rsa ed25519; do
  import "$key" release
  check "$key: its public half is found" public_is "$(uri "$key")" "$key.pub"
  # `sign` signs with Ed25519ph, which tokens lack: said, and nothing is written.
  if [ "$key" = ed25519 ]; then check "$key: what the token lacks is said" unsupported; else check "$key: the token signs" signs "$key"; fi
done
check "p256: cosign verifies what the token signed" cosign_verifies p256
check "rsa: cosign verifies what the token signed" cosign_verifies rsa
check "by id" public_is "pkcs11:token=release;id=%01?module-path=$MODULE" p256.pub
check "the PIN in the URI" env -u SEALWRIGHT_PKCS11_PIN "$SEALWRIGHT" keys public "$(uri p256)&pin-value=1234"
printf '1234\n' >pin
check "the PIN in a file" env -u SEALWRIGHT_PKCS11_PIN "$SEALWRIGHT" keys public "$(uri p256)&pin-source=file:$TMP/pin"
check "the library by a variable" env COSIGN_PKCS11_MODULE_PATH="$MODULE" "$SEALWRIGHT" keys public 'pkcs11:token=release;object=p256'

# code CODE EXIT COMMAND…: fails with that code.
code() { local want=$1 status=$2; shift 2; exits "$status" "$@" 2>said; grep -F "error[$want]" said; }
check "a wrong PIN" code pkcs11.pin 4 env SEALWRIGHT_PKCS11_PIN=4321 "$SEALWRIGHT" keys public "$(uri p256)"
check "no PIN" code pkcs11.pin 4 env -u SEALWRIGHT_PKCS11_PIN "$SEALWRIGHT" keys public "$(uri p256)"
check "no such key" code pkcs11.no-key 3 "$SEALWRIGHT" keys public "$(uri absent)"
check "no such token" code pkcs11.refused 3 "$SEALWRIGHT" keys public "pkcs11:token=absent;object=p256?module-path=$MODULE"
check "several tokens and none named" code pkcs11.refused 3 "$SEALWRIGHT" keys public "pkcs11:object=p256?module-path=$MODULE"
check "no library there" code pkcs11.refused 3 "$SEALWRIGHT" keys public "pkcs11:token=release;object=p256?module-path=$TMP/absent.so"
check "no helper there" code pkcs11.helper-failed 3 env SEALWRIGHT_PKCS11_HELPER="$TMP/absent" "$SEALWRIGHT" keys public "$(uri p256)"
check "a helper that is something else" code pkcs11.helper-failed 3 env SEALWRIGHT_PKCS11_HELPER=/bin/true "$SEALWRIGHT" keys public "$(uri p256)"
no_pin_in_sight() { ! grep -r --include='*' -F 'pin-value=1234' said blob.sigstore.json; }
check "no PIN is shown" no_pin_in_sight
finish
