# What every gate script starts with: an own temporary directory and data directory, cleaned up on exit; registries; checks.
# Sourced with bash; sets -euo pipefail.
#
# Gives: INTEROP PEERS ROOT (the clone) SEALWRIGHT (the binary) SEALWRIGHT_CORPORA TMP (this script's own directory)
#        COSIGN PYTHON_SITE  check NAME COMMAND…  rejects CODE COMMAND…  die MESSAGE  note MESSAGE
#        start_registry_docker, start_registry_referrers (set REGISTRY to localhost:PORT)
#        services_start, services_stop (set SERVICES and others)  mint_token KIND  token_issuer KIND  token_identity KIND
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/peers.sh"
ROOT=$(cd "$INTEROP/.." && pwd)
SEALWRIGHT=${SEALWRIGHT:-$ROOT/target/release/sealwright}
SEALWRIGHT_CORPORA=${SEALWRIGHT_CORPORA:-$(cd "$ROOT/.." && pwd)/shared/corpora}
export SEALWRIGHT SEALWRIGHT_CORPORA SEALWRIGHT_PEERS=$PEERS
# Nothing of the caller's machine leaks into a check: no CI token, no docker credentials, no other data directory.
unset ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN SIGSTORE_ID_TOKEN CI GITHUB_ACTIONS GITLAB_CI NO_PROXY
export no_proxy=localhost,127.0.0.1 LC_ALL=C

TMP=$(mktemp -d "${TMPDIR:-/tmp}/sealwright-interop.XXXXXX")
export REAL_HOME=$HOME
export SEALWRIGHT_HOME=$TMP/.home HOME=$TMP/.user DOCKER_CONFIG=$TMP/.docker
mkdir -p "$HOME" "$DOCKER_CONFIG"
STARTED_PIDS=()
cleanup() {
  local status=$? pid
  for pid in ${STARTED_PIDS[@]+"${STARTED_PIDS[@]}"}; do kill "$pid" 2>/dev/null || true; done
  for pid in ${STARTED_PIDS[@]+"${STARTED_PIDS[@]}"}; do wait "$pid" 2>/dev/null || true; done
  if [ -n "${SEALWRIGHT_KEEP:-}" ]; then echo "kept $TMP" >&2; else rm -rf "$TMP"; fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() { echo "FATAL $*" >&2; exit 1; }
note() { echo "# $*"; }

[ -x "$SEALWRIGHT" ] || die "no binary at $SEALWRIGHT: build it (cargo build --release) or set SEALWRIGHT"

# check NAME COMMAND…: runs it, prints one line `ok NAME` or `FAIL NAME` with the end of what it said, and goes on; interop/run
# counts the lines, and finish fails the script. The log is at $LOG.
CHECKS_FAILED=0
CHECKS=0
LOG=$TMP/.log
check() {
  local name=$1 started ended; shift
  local status
  started=$(now); CHECKS=$((CHECKS + 1))
  # Not as a condition: bash ignores errexit inside one.
  set +e; ( set -euo pipefail; "$@" ) >"$LOG" 2>&1 </dev/null; status=$?; set -e
  if [ "$status" -eq 0 ]; then
    ended=$(now); printf 'ok    %s (%s s)\n' "$name" "$(elapsed "$started" "$ended")"
  else
    printf 'FAIL  %s\n' "$name"; tail -n "${SEALWRIGHT_TAIL:-25}" "$LOG" | cut -c1-400 | sed 's/^/      | /'
    CHECKS_FAILED=$((CHECKS_FAILED + 1))
  fi
}
# finish: the last line of every gate script; a script that stops before it has failed.
finish() {
  [ "$CHECKS" -gt 0 ] || die "not one check ran"
  echo "# finished"; [ "$CHECKS_FAILED" -eq 0 ]
}
now() { date +%s%N; }
elapsed() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", (b - a) / 1e9 }'; }

# exits CODE COMMAND…: succeeds when the command exits with exactly CODE.
exits() {
  local want=$1 got=0; shift
  "$@" || got=$?
  [ "$got" -eq "$want" ] || { echo "exit status $got, wanted $want: $*" >&2; return 1; }
}
# refuses COMMAND…: succeeds when the command fails as a verifier does (not found, killed and the like are no refusal).
refuses() {
  local got=0
  "$@" || got=$?
  if [ "$got" -eq 0 ]; then echo "accepted, wanted a refusal: $*" >&2; return 1; fi
  [ "$got" -lt 100 ] || { echo "exit status $got is no refusal: $*" >&2; return 1; }
}

COSIGN=$(peer cosign)/cosign
PYTHON_SITE=$(peer sigstore-python)/site
python_peer() { PYTHONPATH=$PYTHON_SITE PYTHONDONTWRITEBYTECODE=1 python3 "$@"; }

# ---- registries, each on a free loopback port

# start_registry_docker: Debian's docker-registry (no referrers API). Sets REGISTRY.
start_registry_docker() {
  local dir=$TMP/.registry-docker.${#STARTED_PIDS[@]} port attempt
  command -v docker-registry >/dev/null || die "docker-registry is absent: run interop/install-peers debian"
  mkdir -p "$dir"
  for attempt in 1 2 3 4 5; do
    port=$(free_port)
    cat >"$dir/config.yml" <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $dir/data}
  delete: {enabled: true}
http: {addr: 127.0.0.1:$port}
YAML
    docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 &
    STARTED_PIDS+=($!)
    if wait_for_registry "$port" $!; then REGISTRY=localhost:$port; return 0; fi
  done
  tail -n 20 "$dir/log" >&2; die "docker-registry did not start"
}

# start_registry_referrers: go-containerregistry's registry with the referrers API. Sets REGISTRY.
start_registry_referrers() {
  local dir=$TMP/.registry-referrers.${#STARTED_PIDS[@]} program attempt
  program=$(peer registry-referrers)/registry-referrers || exit 1
  mkdir -p "$dir"
  "$program" "$dir/port" >"$dir/log" 2>&1 &
  STARTED_PIDS+=($!)
  for attempt in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.05; done
  if [ ! -s "$dir/port" ] || ! wait_for_registry "$(cat "$dir/port")" $!; then
    tail -n 20 "$dir/log" >&2; die "the referrers registry did not start"
  fi
  REGISTRY=localhost:$(cat "$dir/port")
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for_registry PORT PID: until /v2/ answers; at most 10 s, and no longer than the process lives.
wait_for_registry() {
  local attempt
  for attempt in $(seq 200); do
    kill -0 "$2" 2>/dev/null || return 1
    if python3 - "$1" <<'PY' 2>/dev/null; then return 0; fi
import sys, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/v2/", timeout=1).read()
PY
    sleep 0.05
  done
  return 1
}

# ---- the services that signing clients talk to, and an issuer of tokens that plays any issuer

# services_start [ARGUMENT…]: `sealwright up --dev` over a data directory of its own ($TMP/.services), on a free loopback port,
# and a token issuer beside it. Sets SERVICES (the base URL), SERVICES_DIR (trusted_root.json, trust_config.json,
# signing_config.json, root.json; the two configurations for one log version alone too, as …_v1.json and …_v2.json),
# SERVICES_PID and ISSUER (the URL of the token issuer). Starting again goes on with the same data.
services_start() {
  local arguments=() kind attempt version
  SERVICES_DIR=$TMP/.services-documents
  if [ -z "${ISSUER:-}" ]; then
    issuer keys "$TMP/.issuer"
    PYTHONPATH=$PYTHON_SITE python3 "$INTEROP/clients/issuer.py" serve "$TMP/.issuer" "$TMP/.issuer/url" >"$TMP/.issuer/log" 2>&1 &
    STARTED_PIDS+=($!)
    for attempt in $(seq 200); do [ -s "$TMP/.issuer/url" ] && break; sleep 0.05; done
    [ -s "$TMP/.issuer/url" ] || { cat "$TMP/.issuer/log" >&2; die "the token issuer did not start"; }
    ISSUER=$(cat "$TMP/.issuer/url")
  fi
  for kind in github-actions gitlab buildkite google; do
    arguments+=(--oidc-issuer "$(token_issuer $kind)=$TMP/.issuer/jwks.json")
  done
  rm -f "$SERVICES_DIR/url"
  "$SEALWRIGHT" --home "$TMP/.services" up --dev -v --write "$SERVICES_DIR" --oidc-issuer "$ISSUER" "${arguments[@]}" "$@" \
    >"$TMP/.services.log" 2>&1 &
  SERVICES_PID=$!
  STARTED_PIDS+=($SERVICES_PID)
  for attempt in $(seq 400); do
    [ -s "$SERVICES_DIR/url" ] && break
    kill -0 "$SERVICES_PID" 2>/dev/null || break
    sleep 0.05
  done
  [ -s "$SERVICES_DIR/url" ] || { tail -n 20 "$TMP/.services.log" >&2; die "sealwright up did not start"; }
  SERVICES=$(cat "$SERVICES_DIR/url")
  for version in 1 2; do
    jq --argjson v $version '.rekorTlogUrls |= map(select(.majorApiVersion == $v))' \
      "$SERVICES_DIR/signing_config.json" >"$SERVICES_DIR/signing_config_v$version.json"
    jq --argjson v $version '.signingConfig.rekorTlogUrls |= map(select(.majorApiVersion == $v))' \
      "$SERVICES_DIR/trust_config.json" >"$SERVICES_DIR/trust_config_v$version.json"
  done
}
# services_stop: as Ctrl-C does; fails when the exit code is not 0.
services_stop() { kill -INT "$SERVICES_PID"; wait "$SERVICES_PID"; }

issuer() { python_peer "$INTEROP/clients/issuer.py" "$@"; }
# token_issuer KIND: who issues tokens of a kind: email (the loopback issuer itself), google, github-actions, gitlab, buildkite.
token_issuer() {
  case $1 in
    buildkite) echo https://agent.buildkite.com ;;
    email) echo "$ISSUER" ;;
    github-actions) echo https://token.actions.githubusercontent.com ;;
    gitlab) echo https://gitlab.com ;;
    google) echo https://accounts.google.com ;;
    *) die "no such kind of token: $1" ;;
  esac
}
# token_identity KIND: whom a certificate for such a token names.
token_identity() {
  case $1 in
    buildkite) echo https://buildkite.com/myorg/app ;;
    email | google) echo dev@example.com ;;
    github-actions) echo https://github.com/myorg/app/.github/workflows/release.yml@refs/heads/main ;;
    gitlab) echo https://gitlab.com/mygroup/app//.gitlab-ci.yml@refs/heads/main ;;
    *) die "no such kind of token: $1" ;;
  esac
}
# mint_token KIND [CLAIM=VALUE…]: prints a token of that kind's issuer, which the services believe.
mint_token() {
  local kind=$1 claims=$1; shift
  [ "$kind" != google ] || claims=email
  issuer mint "$TMP/.issuer" "$(token_issuer "$kind")" "$claims" "$@"
}
# said_by KIND: what verify_as, by_python, by_js and by_cosign take for seal's JSON, for a signer of that kind.
said_by() {
  jq -n --arg identity "$(token_identity "$1")" --arg issuer "$(token_issuer "$1")" '{targets: [{$identity, $issuer}]}'
}

# push LAYOUT:TAG REFERENCE: by skopeo, with all platforms.
push() { skopeo --insecure-policy copy --quiet --all --dest-tls-verify=false "oci:$1" "docker://$2"; }

# ---- what seal says and what clients say of it

# sealed FILE FIELD: a field of the first target in the JSON that `seal -o json` wrote to FILE.
sealed() { jq -er --arg f "$2" '.targets[0][$f]' "$1"; }

# verify_as FILE ARGUMENT…: our verify with the identity and issuer that FILE (seal's JSON) names.
verify_as() {
  local said=$1; shift
  "$SEALWRIGHT" verify "$@" --identity "$(sealed "$said" identity)" --issuer "$(sealed "$said" issuer)"
}
# by_python ROOT SAID ARTIFACT BUNDLES…: every bundle through PyPI sigstore's API. ARTIFACT is a file or sha256:HEX.
by_python() {
  local root=$1 said=$2 artifact=$3 of; shift 3
  case $artifact in sha256:*) of="--sha256=${artifact#sha256:}" ;; *) of="--artifact=$artifact" ;; esac
  python_peer "$INTEROP/clients/verify.py" --trusted-root "$root" --identity "$(sealed "$said" identity)" \
    --issuer "$(sealed "$said" issuer)" "$of" "$@"
}
# by_js N ROOT SAID ARTIFACT BUNDLES…: every bundle through npm's @sigstore/verify of major version N.
by_js() {
  local peer_dir root=$2 said=$3 artifact=$4
  peer_dir=$(peer "sigstore-js-$1"); shift 4
  node "$INTEROP/clients/verify.js" "$peer_dir" "$root" "$(sealed "$said" identity)" "$(sealed "$said" issuer)" "$artifact" "$@"
}
# by_cosign ROOT SAID SUBCOMMAND ARGUMENT…
by_cosign() {
  local root=$1 said=$2 subcommand=$3; shift 3
  "$COSIGN" "$subcommand" --trusted-root "$root" --certificate-identity "$(sealed "$said" identity)" \
    --certificate-oidc-issuer "$(sealed "$said" issuer)" "$@"
}
# all_refused CLIENT…: a client script exits 1 and has accepted none of the bundles it was given.
all_refused() {
  local got=0
  "$@" >"$TMP/.refusals" || got=$?
  cat "$TMP/.refusals"
  [ "$got" -eq 1 ] && grep -q '^0 accepted, [1-9]' "$TMP/.refusals"
}
# flip_byte FROM TO OFFSET: a copy with one bit changed.
flip_byte() {
  python3 - "$@" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[3])] ^= 1
open(sys.argv[2], "wb").write(data)
PY
}
# predicate_types BUNDLES: the predicate type of each attestation of a .jsonl, one a line.
predicate_types() {
  jq -r 'select(.dsseEnvelope) | .dsseEnvelope.payload | @base64d | fromjson | .predicateType' "$1"
}
