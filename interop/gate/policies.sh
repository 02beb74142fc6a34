# Policies over attestations: each policy against each predicate, judged by cosign's verify-attestation --policy and by ours.
# What cosign refuses, ours refuses. Where ours is stricter, by a construct that it does not evaluate, the table says so.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
export COSIGN_PASSWORD=sealwright
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
start_registry_referrers
type=https://example.com/scan/v1
mkdir -p predicates policies

cat >predicates/clean.json <<'JSON'
{"scanner": {"uri": "scanner.example.com", "version": "1.2.3", "findings": 0}, "score": 7.5, "whole": 1.0,
 "at": "2022-04-12T00:00:00Z", "tags": ["a", "b"], "approved": true, "nothing": null}
JSON
cat >predicates/bad.json <<'JSON'
{"scanner": {"uri": "scanner.example.org", "version": "2.0.0", "findings": 3, "extra": {}}, "score": 8, "whole": 2,
 "at": "2023-04-12T00:00:00Z", "tags": [], "approved": false, "nothing": "x"}
JSON
echo '{}' >predicates/empty.json
echo '{"scanner": "none", "tags": {"a": 1}, "score": "7.5", "at": 5}' >predicates/other-types.json

policy() { cat >"policies/$1"; }
policy exact.cue <<'CUE'
predicateType: "https://example.com/scan/v1"
predicate: scanner: uri: "scanner.example.com"
CUE
policy other-type.cue <<'CUE'
predicateType: "https://example.com/scan/v2"
CUE
policy times.cue <<'CUE'
import "time"

before: time.Parse(time.RFC3339, "2022-04-15T17:10:27Z")
after: time.Parse(time.RFC3339, "2022-03-09T17:10:27Z")
predicate: {
	at: <before
	at: >after
}
CUE
policy bounds.cue <<'CUE'
predicate: {score: >=7 & <8, scanner: findings: <=0, whole: 1}
CUE
policy patterns.cue <<'CUE'
predicate: scanner: {version: =~"^1\\.", uri: !~"\\.org$"}
CUE
policy alternatives.cue <<'CUE'
predicate: scanner: uri: "scanner.example.com" | "scanner.example.net"
predicate: nothing: null | string
CUE
policy lists.cue <<'CUE'
predicate: tags: ["a", ...string]
CUE
policy required.cue <<'CUE'
predicate: {approved!: true, missing?: string}
CUE
policy closed.cue <<'CUE'
#Scanner: {uri: string, version: string, findings: int}
predicate: scanner: #Scanner
CUE
policy embedded.cue <<'CUE'
#Named: {uri: string, ...}
predicate: scanner: {#Named, findings: uint8}
predicate: scanner: [string]: _
CUE
policy packages.cue <<'CUE'
import ("strings", "list", "struct")

predicate: scanner: version: strings.HasPrefix("1.")
predicate: tags: list.MaxItems(2) & list.Contains("b")
predicate: scanner: struct.MaxFields(3)
CUE
policy references.cue <<'CUE'
let Wanted = "1.2.3"
predicate: scanner: {version: Wanted, uri: host}
host: =~"example"
CUE
policy types.cue <<'CUE'
predicate: {scanner: {...}, tags: [...], score: number, at: string}
CUE
policy contradicts-itself.cue <<'CUE'
predicate: score: >9 & <3
CUE
policy empty.cue </dev/null
policy no-policy.cue <<'CUE'
predicate: {
CUE
policy unused.cue <<'CUE'
import "time"
predicate: _
CUE
policy condition.cue <<'CUE'
predicate: _
if predicate.approved {ok: true}
CUE
policy arithmetic.cue <<'CUE'
predicate: score: >(3 + 4)
CUE
policy allow.rego <<'REGO'
package signature

default allow = false

allow {
  input.predicateType == "https://example.com/scan/v1"
  input.predicate.scanner.findings == 0
}
REGO
policy undefined.rego <<'REGO'
package signature

allow {
  input.predicate.score > 7
}
REGO
policy deny.rego <<'REGO'
package signature

default allow = false

deny[msg] {
  input.predicate.scanner.version != "1.2.3"
  msg := sprintf("version is %v", [input.predicate.scanner.version])
}

deny[msg] {
  not input.predicate.scanner.version
  msg := "no version"
}

allow {
  count(deny) == 0
}
REGO
policy matches.rego <<'REGO'
package signature

allow {
  re_match("^1\\.\\d+\\.", input.predicate.scanner.version)
  some i
  input.predicate.tags[i] == "b"
}
REGO
policy not-true.rego <<'REGO'
package signature

allow = "true"
REGO
policy set.rego <<'REGO'
package signature

allow[x] { x := input.predicate.tags[_] }
REGO
policy other-package.rego <<'REGO'
package sigstore

allow = true
REGO
policy broken.rego <<'REGO'
package signature

allow {
REGO
# cosign asks the network of a machine that has none; what counts is that neither accepts.
policy network.rego <<'REGO'
package signature

allow {
  http.send({"method": "get", "url": "http://127.0.0.1:9/"}).status_code == 200
}
REGO

# Where ours says no, or that it cannot tell, and cosign accepts: constructs that are not evaluated, and fields that a statement
# lacks (CUE adds them; ours wants them in the statement).
stricter() {
  case $1 in
    arithmetic.cue\ *) return 0 ;;
    exact.cue\ empty | times.cue\ empty | bounds.cue\ empty | patterns.cue\ empty | alternatives.cue\ empty | alternatives.cue\ other-types) return 0 ;;
    lists.cue\ empty | closed.cue\ empty | embedded.cue\ empty | packages.cue\ empty | references.cue\ empty | types.cue\ empty) return 0 ;;
    *) return 1 ;;
  esac
}

for predicate in predicates/*.json; do
  name=$(basename "$predicate" .json)
  push layout:multi "$REGISTRY/$name:v1"
  check "cosign attests $name" "$COSIGN" attest --yes --key cosign.key --signing-config no-log.json --type "$type" \
    --predicate "$predicate" "$REGISTRY/$name@$digest"
done

same_verdict() {
  local theirs=0 ours=0
  "$COSIGN" verify-attestation --key cosign.pub --insecure-ignore-tlog --type "$type" --policy "policies/$1" \
    "$REGISTRY/$2:v1" >theirs.txt 2>&1 || theirs=$?
  "$SEALWRIGHT" verify --key cosign.pub --insecure-ignore-tlog --require "$type" --policy "policies/$1" \
    "$REGISTRY/$2:v1" >ours.txt 2>&1 || ours=$?
  tail -n 5 theirs.txt; cat ours.txt
  [ "$theirs" -lt 100 ] && [ "$ours" -lt 4 ] || { echo "neither accepted nor refused: $theirs $ours"; return 1; }
  if [ "$ours" -eq 2 ]; then echo "usage error"; return 1; fi
  if [ "$theirs" -eq 0 ] && [ "$ours" -ne 0 ] && stricter "$1 $2"; then return 0; fi
  [ "$((theirs == 0))" -eq "$((ours == 0))" ] || { echo "cosign exits $theirs, ours $ours"; return 1; }
}
for policy in policies/*; do
  for predicate in predicates/*.json; do
    policy_name=$(basename "$policy") predicate_name=$(basename "$predicate" .json)
    check "$policy_name over $predicate_name" same_verdict "$policy_name" "$predicate_name"
  done
done
finish
