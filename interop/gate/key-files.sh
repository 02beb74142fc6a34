# Key files both ways: ours opened and used by cosign, cosign's by us; keys of OpenSSL taken over by both; every algorithm that
# cosign has.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
export COSIGN_PASSWORD=sealwright
echo 'some bytes' >blob
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"

same() { cmp "$1" "$2"; }
# cosign signs with KEY; we judge by PUB.
cosign_signs() {
  "$COSIGN" sign-blob --yes --key "$1" --signing-config no-log.json --bundle b.json blob
  "$SEALWRIGHT" verify blob --key "$2" --insecure-ignore-tlog --bundle b.json
}
cosign_verifies() { cosign_signs "$1" "$2"; "$COSIGN" verify-blob --key "$2" --insecure-ignore-tlog --bundle b.json blob; }
# cosign does not cut off what stood in the file before.
public_of_cosign() { rm -f cosign-says.pub; "$COSIGN" public-key --key "$1" --outfile cosign-says.pub; same "$2" cosign-says.pub; }
public_of_ours() { "$SEALWRIGHT" keys public "$1" >we-say.pub; same "$2" we-say.pub; }

"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
check "cosign's key pair: we open it" public_of_ours cosign.key cosign.pub
check "cosign's key pair: not with another passphrase" env COSIGN_PASSWORD=sealwrighT bash -c '. "$0"/lib.sh >/dev/null; exits 2 "$SEALWRIGHT" keys public "$1"' "$INTEROP" "$TMP/cosign.key"

for algorithm in ecdsa-p256 ecdsa-p384 ecdsa-p521 ed25519 rsa-2048 rsa-3072 rsa-4096; do
  "$SEALWRIGHT" keys generate --algorithm "$algorithm" --out "ours-$algorithm" >/dev/null
  check "$algorithm: cosign opens our key" public_of_cosign "ours-$algorithm.key" "ours-$algorithm.pub"
  check "$algorithm: cosign signs with our key" cosign_signs "ours-$algorithm.key" "ours-$algorithm.pub"
  case $algorithm in
    # The rest cosign signs with but does not verify from a bundle, its own signatures either.
    ecdsa-p256 | rsa-*) check "$algorithm: cosign verifies with our key" cosign_verifies "ours-$algorithm.key" "ours-$algorithm.pub" ;;
  esac
done

# What other tools keep keys in, taken over by cosign and by us: the same key comes out.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.pem 2>/dev/null
openssl ec -in p256.pem -out p256-sec1.pem 2>/dev/null
openssl genrsa -traditional -out rsa-pkcs1.pem 2048 2>/dev/null
openssl genpkey -algorithm ED25519 -out ed25519.pem 2>/dev/null
for file in p256 p256-sec1 rsa-pkcs1 ed25519; do
  openssl pkey -in "$file.pem" -pubout -out "$file.pub"
  "$SEALWRIGHT" keys import "$file.pem" --out "we-$file" >/dev/null
  check "$file: what we took over is the key" same "$file.pub" "we-$file.pub"
  check "$file: cosign opens what we took over" public_of_cosign "we-$file.key" "$file.pub"
  check "$file: cosign takes it over" "$COSIGN" import-key-pair --key "$file.pem" --output-key-prefix "cosign-$file"
  check "$file: we open what cosign took over" public_of_ours "cosign-$file.key" "$file.pub"
done

# PKCS#8 with a passphrase, as OpenSSL reads and writes it.
"$SEALWRIGHT" keys generate --type pkcs8 --out p8 >/dev/null
by_openssl() { openssl pkey -in p8.key -passin env:COSIGN_PASSWORD -pubout -out openssl-says.pub; same p8.pub openssl-says.pub; }
check "OpenSSL opens our encrypted PKCS#8" by_openssl
openssl pkcs8 -topk8 -v2 aes-256-cbc -scrypt -in p256.pem -out scrypt.pem -passout env:COSIGN_PASSWORD
check "we open OpenSSL's encrypted PKCS#8" public_of_ours scrypt.pem p256.pub
finish
