# Bundles that other clients made and the public conformance suite recorded: every case is judged as the suite says.
# Cases without their own trusted root use the public-good one that PyPI's sigstore carries. Cases with a key are left out.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
cases=$SEALWRIGHT_CORPORA/sigstore-conformance/test/assets/bundle-verify
[ -d "$cases" ] || die "no corpus at $cases"
public=$(find "$PYTHON_SITE/sigstore/_store" -path '*sigstore.dev/trusted_root.json')
[ -s "$public" ] || die "no public-good trusted root in PyPI's sigstore"
default_identity=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
default_issuer=https://token.actions.githubusercontent.com

# judge CASE: runs verify and compares the exit status with the case's name.
judge() {
  local dir=$cases/$1 root=$public artifact=$cases/a.txt identity=$default_identity issuer=$default_issuer got=0
  [ -f "$dir/trusted_root.json" ] && root=$dir/trusted_root.json
  [ -f "$dir/artifact" ] && artifact=$dir/artifact
  [ -f "$dir/identity" ] && identity=$(cat "$dir/identity")
  [ -f "$dir/issuer" ] && issuer=$(cat "$dir/issuer")
  "$SEALWRIGHT" verify "$artifact" --bundle "$dir/bundle.sigstore.json" --trusted-root "$root" \
    --identity "$identity" --issuer "$issuer" --offline || got=$?
  echo "exit status $got"
  case $1 in
    *_fail) [ "$got" -eq 1 ] || [ "$got" -eq 3 ] ;;
    *) [ "$got" -eq 0 ] ;;
  esac
}
count=0
for dir in "$cases"/*/; do
  name=$(basename "$dir")
  [ -f "$dir/key.pub" ] && continue
  count=$((count + 1))
  check "$name" judge "$name"
done
[ "$count" -ge 60 ] || die "only $count cases in the corpus"
finish
