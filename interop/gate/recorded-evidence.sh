# Bundles that other clients made and the public conformance suite recorded: every case is judged as the suite says, through the
# suite's own command line, once with the artifact and once with its digest alone. A case without its own trusted root is judged
# by the public-good one that is built in, one with a key by that key.
# The cases with an identity are judged by `verify` too, which names the codes, by the root that PyPI's sigstore carries.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
cases=$SEALWRIGHT_CORPORA/sigstore-conformance/test/assets/bundle-verify
[ -d "$cases" ] || die "no corpus at $cases"
public=$(find "$PYTHON_SITE/sigstore/_store" -path '*sigstore.dev/trusted_root.json')
[ -s "$public" ] || die "no public-good trusted root in PyPI's sigstore"
default_identity=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
default_issuer=https://token.actions.githubusercontent.com

# of CASE: sets dir, artifact, identity and issuer.
of() {
  dir=$cases/$1 artifact=$cases/a.txt identity=$default_identity issuer=$default_issuer
  if [ -f "$dir/artifact" ]; then artifact=$dir/artifact; fi
  if [ -f "$dir/identity" ]; then identity=$(cat "$dir/identity"); fi
  if [ -f "$dir/issuer" ]; then issuer=$(cat "$dir/issuer"); fi
}
# as_said WANTED GOT: whether an exit status is a verdict, and the one that the suite wants.
as_said() {
  echo "exit status $2, wanted: $1"
  case $1 in
    fail) [ "$2" -eq 1 ] || [ "$2" -eq 3 ] ;;
    pass) [ "$2" -eq 0 ] ;;
  esac
}
# wanted CASE: what the suite says.
wanted() { case $1 in *_fail) echo fail ;; *) echo pass ;; esac; }

# conforms CASE path|digest: by the suite's command line, arguments in its order.
conforms() {
  local dir artifact identity issuer got=0 arguments=(verify-bundle)
  of "$1"
  arguments+=(--bundle "$dir/bundle.sigstore.json")
  if [ -f "$dir/key.pub" ]; then
    arguments+=(--key "$dir/key.pub")
  else
    arguments+=(--certificate-identity "$identity" --certificate-oidc-issuer "$issuer")
  fi
  if [ -f "$dir/trusted_root.json" ]; then arguments+=(--trusted-root "$dir/trusted_root.json"); fi
  case $2 in
    path) arguments+=("$artifact") ;;
    digest) arguments+=("sha256:$(sha256sum "$artifact" | cut -d' ' -f1)") ;;
  esac
  "$SEALWRIGHT" conformance "${arguments[@]}" || got=$?
  as_said "$(wanted "$1")" "$got"
}
# judge CASE: by verify.
judge() {
  local dir artifact identity issuer got=0 root=$public
  of "$1"
  if [ -f "$dir/trusted_root.json" ]; then root=$dir/trusted_root.json; fi
  "$SEALWRIGHT" verify "$artifact" --bundle "$dir/bundle.sigstore.json" --trusted-root "$root" \
    --identity "$identity" --issuer "$issuer" --offline || got=$?
  as_said "$(wanted "$1")" "$got"
}
count=0
for dir in "$cases"/*/; do
  name=$(basename "$dir")
  for by in path digest; do
    count=$((count + 1))
    check "conformance: $name by $by" conforms "$name" "$by"
  done
done
[ "$count" -eq 140 ] || die "$count cases of the suite, wanted 140"
note "$((count - CHECKS_FAILED)) of $count as the conformance suite says"

native=0
for dir in "$cases"/*/; do
  name=$(basename "$dir")
  if [ -f "$dir/key.pub" ]; then continue; fi
  native=$((native + 1))
  check "verify: $name" judge "$name"
done
[ "$native" -eq 67 ] || die "$native cases with an identity, wanted 67"
finish
