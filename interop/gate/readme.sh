# The README's first example: seal it, paste the printed command, change one byte, paste it again.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
cp "$ROOT/README.md" .
# As a user types it: a relative path to the binary, with the name not on PATH.
mkdir -p target/release && cp "$SEALWRIGHT" target/release/sealwright

seal_readme() {
  target/release/sealwright seal README.md >said
  cat said
  # The command stands on a line by itself, two spaces in.
  grep -E '^  [^ ].* verify ' said | sed 's/^  //' >pasted.sh
  [ "$(wc -l <pasted.sh)" -eq 1 ]
  grep -q '^target/release/sealwright verify ' pasted.sh
}
again_says_unchanged() { target/release/sealwright seal README.md -o json >again.json; [ "$(sealed again.json outcome)" = unchanged ]; }
pasted() { bash pasted.sh; }
pasted_after_change() {
  local codes
  printf x >>README.md
  exits 1 bash pasted.sh >changed 2>&1 || { cat changed; return 1; }
  cat changed
  grep -q 'artifact\.digest-mismatch' changed
  exits 1 bash -c "$(cat pasted.sh) -o json" >changed.json
  codes=$(jq -r '.. | .code? // empty' changed.json | sort -u)
  [ "$codes" = artifact.digest-mismatch ] || { echo "codes: $codes"; return 1; }
}
replaced() {
  target/release/sealwright seal README.md -o json >replaced.json
  [ "$(sealed replaced.json outcome)" = replaced ]
  pasted
}
check "seal README.md prints the verify command" seal_readme
check "the command as pasted: accepted" pasted
check "sealing it again: unchanged" again_says_unchanged
check "after printf x >> README.md: rejected, artifact.digest-mismatch and nothing else" pasted_after_change
check "sealing the changed file replaces its evidence" replaced
finish
