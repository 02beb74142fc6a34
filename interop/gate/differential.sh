# Changed bundles, judged by us and by the crate sigstore-verify, and a sample of them by PyPI's sigstore: what we accept and a
# peer refuses must fall in one of the classes of interop/oracle/src/classes.rs. The cases are the same each time
# (SEALWRIGHT_DIFFERENTIAL_SEED chooses others); `interop/run full` judges a million.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
judge=$(peer sigstore-verify)/judge
cases=20000 budget=180
if [ -n "${SEALWRIGHT_INTEROP_FULL:-}" ]; then cases=${SEALWRIGHT_DIFFERENTIAL_CASES:-1000000} budget=7200; fi
public=$(find "$PYTHON_SITE/sigstore/_store" -path '*sigstore.dev/trusted_root.json')
[ -s "$public" ] || die "no public-good trusted root in PyPI's sigstore"

# The fuzzer is built from this clone; where its target directory is cached, only what changed is built.
target=${CARGO_TARGET_DIR:-$ROOT/target}/oracle
built() { (cd "$INTEROP/oracle" && env -u RUSTFLAGS HOME="$REAL_HOME" CARGO_TARGET_DIR="$target" nice cargo build --release --locked); }
check "the fuzzer is built" built

# Bundles of our own making, of both log versions.
mkdir local; echo "what is fuzzed" >local/artifact
for version in 1 2; do
  check "version $version: a file is sealed" "$SEALWRIGHT" seal local/artifact --rekor-version "$version" --again -o json
  cp "$LOG" "seal-$version.json"
  cat local/artifact.sigstore.jsonl >>all.jsonl
done
mv all.jsonl local/bundles.jsonl
"$SEALWRIGHT" root show >local/trusted_root.json
sealed seal-1.json identity >local/identity
sealed seal-1.json issuer >local/issuer

cat >python <<SH
#!/usr/bin/env bash
export PYTHONPATH=$PYTHON_SITE PYTHONDONTWRITEBYTECODE=1
exec python3 "$INTEROP/clients/judge.py"
SH
chmod +x python
save=${SEALWRIGHT_DIFFERENTIAL_SAVE:-$TMP}
compare() {
  "$target/release/differential" --judge "$judge" --python "$TMP/python" --corpus "$SEALWRIGHT_CORPORA/sigstore-conformance/test/assets" \
    --public-root "$public" --recorded local --seed "${SEALWRIGHT_DIFFERENTIAL_SEED:-1}" --cases "$cases" --budget "$budget" --jobs "$(nproc)" --save "$save"
}
SEALWRIGHT_TAIL=80 check "$cases changed bundles: whatever we alone accept has its class" compare
sed 's/^/#   /' "$LOG"
finish
