# On another machine (another data directory) evidence is undecided without the trusted root and accepted with it.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
echo "made here, verified there" >"some file.txt"

seal_here() { "$SEALWRIGHT" seal "some file.txt" -o json >seal.json; "$SEALWRIGHT" root show >root.json; }
there() { SEALWRIGHT_HOME=$TMP/there verify_as seal.json "some file.txt" "$@"; }
undecided_there() { exits 3 there; exits 3 there -o json >verdict.json; jq -e '.schema == "sealwright.dev/verify/v1"' verdict.json; }
# A machine that has sealed something itself has a trusted root, but another one.
own_root_there() {
  echo other >other.txt
  SEALWRIGHT_HOME=$TMP/own "$SEALWRIGHT" seal other.txt -o json >/dev/null
  local got=0
  SEALWRIGHT_HOME=$TMP/own verify_as seal.json "some file.txt" || got=$?
  [ "$got" -eq 1 ] || [ "$got" -eq 3 ] || { echo "exit status $got"; return 1; }
}
move_directory() {
  "$SEALWRIGHT" root export "$TMP/moved.export"
  SEALWRIGHT_HOME=$TMP/moved "$SEALWRIGHT" root import "$TMP/moved.export"
  SEALWRIGHT_HOME=$TMP/moved "$SEALWRIGHT" root show | cmp - root.json
  SEALWRIGHT_HOME=$TMP/moved verify_as seal.json "some file.txt"
  SEALWRIGHT_HOME=$TMP/moved "$SEALWRIGHT" log fsck
  SEALWRIGHT_HOME=$TMP/moved "$SEALWRIGHT" seal "some file.txt" --again
}

check "seal here" seal_here
check "here, without naming a root: accepted" verify_as seal.json "some file.txt"
check "the printed command works as pasted" bash -c "$(sealed seal.json verifyCommand 2>/dev/null || echo false)"
check "there, without a root: undecided (3)" undecided_there
check "there, with --trusted-root: accepted" there --trusted-root root.json
check "there, with --trusted-root and --offline: accepted" there --trusted-root root.json --offline
check "there, with a root of its own: not accepted" own_root_there
check "the data directory moves by root export and import" move_directory
finish
