# Sixteen sealers of one image in one registry at once: every piece of evidence that one of them acknowledged is found after.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
sealers=16
"$INTEROP/images/make-index" layout >/dev/null
# One image of the index, under a tag of its own.
skopeo --insecure-policy copy --quiet --override-arch arm64 oci:layout:multi oci:single:arm64

parallel() {
  local n pids=() failed=0
  mkdir "$1"
  # The data directory and a first set of evidence exist before.
  "$SEALWRIGHT" seal "$2" -o json >"$1/0.json"
  for n in $(seq $sealers); do
    "$SEALWRIGHT" seal "$2" --again -o json >"$1/$n.json" 2>"$1/$n.err" & pids+=($!)
  done
  for n in $(seq $sealers); do
    wait "${pids[$((n - 1))]}" || { failed=$((failed + 1)); echo "sealer $n: exit status $?"; tail -n 5 "$1/$n.err"; }
  done
  [ "$failed" -eq 0 ]
}
# none_lost NAME: the referrers that the registry lists are all that were acknowledged, and no less.
none_lost() {
  local digest
  digest=$(sealed "$1/0.json" digest)
  jq -r '.targets[0].evidence[].location' "$1"/*.json | sed 's/.*@//' | sort >"$1.acknowledged"
  if [ "$1" = docker ]; then
    fetch "http://$REGISTRY/v2/busy/manifests/sha256-${digest#sha256:}" >index.json
  else
    fetch "http://$REGISTRY/v2/busy/referrers/$digest" >index.json
  fi
  jq -r '.manifests[].digest' index.json | sort >"$1.listed"
  echo "$(wc -l <"$1.acknowledged") acknowledged, $(wc -l <"$1.listed") listed"
  [ "$(wc -l <"$1.acknowledged")" -eq $(((sealers + 1) * 3)) ]
  [ "$(uniq "$1.acknowledged" | wc -l)" -eq $(((sealers + 1) * 3)) ]
  diff "$1.acknowledged" "$1.listed"
  # The index is one that cosign can add to.
  jq -e '.schemaVersion == 2 and .mediaType == "application/vnd.oci.image.index.v1+json"' index.json
}
fetch() { curl -sSf -H 'Accept: application/vnd.oci.image.index.v1+json' "$1"; }
all_accepted() { verify_as "$1/0.json" "$2" --require signature,provenance,sbom; }
cosign_accepts() { "$SEALWRIGHT" root show >root.json; by_cosign root.json "$1/0.json" verify "$2" >/dev/null; }

for kind in docker referrers; do
  "start_registry_$kind"
  target=$REGISTRY/busy:arm64
  check "$kind: skopeo pushes" push single:arm64 "$target"
  check "$kind: $sealers at once all succeed" parallel "$kind" "$target"
  check "$kind: none of the evidence is lost" none_lost "$kind"
  check "$kind: verify" all_accepted "$kind" "$target"
  check "$kind: cosign verify" cosign_accepts "$kind" "$target"
done
check "log fsck" "$SEALWRIGHT" log fsck
finish
