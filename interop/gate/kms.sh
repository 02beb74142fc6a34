# Keys in AWS KMS, played by moto: made and signed with by us, verified by cosign; signed with the same key by cosign, verified by us.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
MOTO=$(peer moto)/site
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PYTHONPATH=$MOTO PYTHONDONTWRITEBYTECODE=1 python3 "$INTEROP/clients/moto_kms.py" -H 127.0.0.1 -p "$port" >moto.log 2>&1 &
STARTED_PIDS+=($!)
for _ in $(seq 100); do
  if curl -sf "http://127.0.0.1:$port/moto-api/" >/dev/null; then break; fi
  sleep 0.1
done
curl -sf "http://127.0.0.1:$port/moto-api/" >/dev/null || die "moto did not start: $(tail -n 5 moto.log)"
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ENDPOINT_URL_KMS=http://127.0.0.1:$port
echo 'some bytes' >blob
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"

same() { cmp "$1" "$2"; }
public_of_ours() { "$SEALWRIGHT" keys public "$1" >we-say.pub; same "$2" we-say.pub; }
public_of_cosign() { rm -f cosign-says.pub; "$COSIGN" public-key --key "$1" --outfile cosign-says.pub; same "$2" cosign-says.pub; }
ours_verifies() { "$SEALWRIGHT" verify blob --key "$1" --insecure-ignore-tlog --bundle "$2"; }
# ours_signs KEY PUB: we sign, both verify with the public key, and we by asking the service for it.
ours_signs() {
  rm -f blob.sigstore.json
  "$SEALWRIGHT" sign blob --key "$1" --no-tlog
  ours_verifies "$2" blob.sigstore.json
  ours_verifies "$1" blob.sigstore.json
}
cosign_verifies() { ours_signs "$1" "$2"; "$COSIGN" verify-blob --key "$2" --insecure-ignore-tlog --bundle blob.sigstore.json blob; }
cosign_signs() {
  "$COSIGN" sign-blob --yes --key "$1" --signing-config no-log.json --bundle by-cosign.json blob
  ours_verifies "$2" by-cosign.json
}

for algorithm in ecdsa-p256 ecdsa-p384 rsa-2048; do
  key=awskms:///alias/$algorithm
  check "$algorithm: a key is made" "$SEALWRIGHT" keys generate --kms "$key" --algorithm "$algorithm" --out "$algorithm"
  check "$algorithm: not a second time" exits 2 "$SEALWRIGHT" keys generate --kms "$key" --algorithm "$algorithm" --out "$algorithm-2"
  check "$algorithm: we read its public half" public_of_ours "$key" "$algorithm.pub"
  check "$algorithm: cosign reads the same" public_of_cosign "$key" "$algorithm.pub"
  check "$algorithm: we sign and verify" ours_signs "$key" "$algorithm.pub"
  check "$algorithm: cosign signs, we verify" cosign_signs "$key" "$algorithm.pub"
done
check "ecdsa-p256: we sign, cosign verifies" cosign_verifies awskms:///alias/ecdsa-p256 ecdsa-p256.pub
check "rsa-2048: we sign, cosign verifies" cosign_verifies awskms:///alias/rsa-2048 rsa-2048.pub
another() { ours_signs awskms:///alias/ecdsa-p256 ecdsa-p256.pub; exits 1 ours_verifies ecdsa-p384.pub blob.sigstore.json; }
check "another key's signature is rejected" another
check "a key that is not there is said" exits 3 "$SEALWRIGHT" keys public awskms:///alias/absent
check "offline, no key is fetched" exits 2 "$SEALWRIGHT" verify blob --key awskms:///alias/ecdsa-p256 --offline
finish
