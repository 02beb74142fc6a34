# Seals killed with -9 at random moments, two at a time: what was acknowledged verifies, and the log's check passes.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
count=${SEALWRIGHT_CRASH_COUNT:-200}
[ -n "${SEALWRIGHT_INTEROP_FULL:-}" ] && count=${SEALWRIGHT_CRASH_COUNT:-2000}
seed=${SEALWRIGHT_CRASH_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
note "$count seals, seed $seed (repeat with SEALWRIGHT_CRASH_SEED)"
mkdir run

# The data directory is absent at first: its making is among the moments that are hit.
killed_at_random() { python3 "$INTEROP/clients/crash.py" "$SEALWRIGHT" "$TMP/run" "$count" 2 "$seed"; cp "$LOG" summary; }
enough_of_both() {
  jq -c '{acknowledged: (.acknowledged | length), killed: (.killed | length)}' run/result.json
  jq -e --argjson n "$count" '(.acknowledged | length) >= $n / 8 and (.killed | length) >= $n / 8' run/result.json
}
fsck() { "$SEALWRIGHT" log fsck; }
acknowledged_verify() {
  local file identity issuer
  while IFS=$'\t' read -r file identity issuer; do
    (cd run && "$SEALWRIGHT" verify "$file" --identity "$identity" --issuer "$issuer" --require signature,provenance,sbom) >said 2>&1 ||
      { echo "$file was acknowledged and does not verify"; cat said; return 1; }
  done < <(jq -r '.acknowledged[] | [.file, .identity, .issuer] | @tsv' run/result.json)
}
indexes_differ() { jq -e '[.acknowledged[].indexes[]] | length == (unique | length)' run/result.json; }
one_identity() { jq -e '[.acknowledged[] | [.identity, .issuer]] | unique | length == 1' run/result.json; }
# A killed seal leaves nothing half-written: each evidence file is absent or whole.
nothing_half_written() {
  local file
  for file in run/*.sigstore.json run/*.spdx.json; do [ ! -e "$file" ] || jq -e . "$file" >/dev/null || { echo "$file"; return 1; }; done
  for file in run/*.sigstore.jsonl; do
    [ ! -e "$file" ] || [ "$(jq -c . "$file" | wc -l)" -eq 3 ] || { echo "$file"; return 1; }
  done
}
killed_can_be_sealed() {
  local file
  for file in $(jq -r '.killed[:10][]' run/result.json); do
    (cd run && "$SEALWRIGHT" seal "$file" -o json) >seal.json
    (cd run && verify_as ../seal.json "$file" --require signature,provenance,sbom)
  done
}
# The first seal of a data directory, killed; the next one must find its way.
killed_while_made() {
  local n home
  mkdir fresh
  for n in $(seq 20); do
    home=$TMP/fresh/home-$n; echo "fresh $n" >"fresh/file-$n"
    SEALWRIGHT_HOME=$home timeout -s KILL "$(awk -v n="$n" 'BEGIN { printf "%.4f", 0.002 * n }')" "$SEALWRIGHT" seal "fresh/file-$n" >/dev/null 2>&1 || true
    SEALWRIGHT_HOME=$home "$SEALWRIGHT" seal "fresh/file-$n" --again -o json >seal.json
    SEALWRIGHT_HOME=$home verify_as seal.json "fresh/file-$n"
    SEALWRIGHT_HOME=$home "$SEALWRIGHT" log fsck
  done
}

check "$count seals killed at random, two at a time" killed_at_random
note "$(cat summary 2>/dev/null || echo 'no result')"
check "an eighth of them at least were killed, and an eighth acknowledged" enough_of_both
check "log fsck" fsck
check "every acknowledged one verifies" acknowledged_verify
check "no log index was given twice" indexes_differ
check "one identity through all of it" one_identity
check "nothing half-written beside the files" nothing_half_written
check "what was killed can be sealed" killed_can_be_sealed
check "log fsck after that" fsck
check "a data directory killed while it is made" killed_while_made
finish
