# copy, save, load, tree, download, attach and clean against cosign, over a registry with the referrers API and one without:
# what cosign and we attached, in each form, is there after our copy and verifies by either; saved directories go both ways.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
export COSIGN_PASSWORD=sealwright
"$COSIGN" generate-key-pair >/dev/null 2>&1 || die "cosign made no key pair"
echo '{"buildType": "test"}' >predicate.json
"$INTEROP/images/make-index" layout >/dev/null
digest=$(jq -r '.manifests[0].digest' layout/index.json)
hex=${digest#sha256:}
child=$(jq -r '.manifests[0].digest' "layout/blobs/sha256/$hex")
"$COSIGN" signing-config create --out no-log.json >/dev/null 2>&1 || die "cosign made no signing configuration"

old() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --tlog-upload=false --use-signing-config=false --new-bundle-format=false "$@"; }
new() { local what=$1; shift; "$COSIGN" "$what" --yes --key cosign.key --signing-config no-log.json "$@"; }
ours() { "$SEALWRIGHT" verify "$@" --key cosign.pub --insecure-ignore-tlog; }
sw() { "$SEALWRIGHT" "$@"; }
# signs IMAGE FORM: by cosign, and an attestation; the index and one platform.
signs() {
  case $2 in
    tags) old sign "$1@$digest"; old sign "$1@$child"; old attest --type slsaprovenance1 --predicate predicate.json "$1@$digest" ;;
    bundles) new sign "$1@$digest"; new sign "$1@$child"; new attest --type slsaprovenance1 --predicate predicate.json "$1@$digest" ;;
  esac
}
# theirs IMAGE FORM: cosign accepts the index, its attestation and the platform.
theirs() {
  case $2 in
    tags) for at in "$digest" "$child"; do "$COSIGN" verify --key cosign.pub --insecure-ignore-tlog --new-bundle-format=false "$1@$at"; done
      "$COSIGN" verify-attestation --key cosign.pub --insecure-ignore-tlog --new-bundle-format=false --type slsaprovenance1 "$1@$digest" ;;
    bundles) for at in "$digest" "$child"; do "$COSIGN" verify --key cosign.pub --insecure-ignore-tlog "$1@$at"; done
      "$COSIGN" verify-attestation --key cosign.pub --insecure-ignore-tlog --type slsaprovenance1 "$1@$digest" ;;
  esac
}
sealed_here() { "$SEALWRIGHT" verify "$1" --identity "$(jq -r '.targets[0].identity' seal.json)" --issuer "$(jq -r '.targets[0].issuer' seal.json)" --require signature,sbom; }
both() { theirs "$1" "$2"; ours "$1@$digest" --require signature,provenance; }
# shown IMAGE: every digest that cosign's tree shows, of manifests and of what they hold, is in ours.
shown() {
  sw tree "$1" -o json >tree.json
  jq -r '.. | .digest? // empty' tree.json | sort -u >ours.txt
  COSIGN_EXPERIMENTAL=1 "$COSIGN" tree --registry-referrers-mode oci-1-1 "$1" 2>/dev/null | grep -o 'sha256:[0-9a-f]\{64\}$' | sort -u >theirs.txt
  [ -s theirs.txt ] || { echo "cosign shows nothing" >&2; return 1; }
  # Of an index cosign shows what is attached to the index itself, and no platform.
  [ -z "$(comm -13 ours.txt theirs.txt)" ] || { comm -3 ours.txt theirs.txt >&2; return 1; }
}
tags_of() { curl -sf "http://$1/v2/$2/tags/list" | jq -r '.tags[]' | sort; }

declare -A REG
for kind in docker referrers; do "start_registry_$kind"; REG[$kind]=$REGISTRY; done

for kind in docker referrers; do
  here=${REG[$kind]}
  for form in tags bundles; do
    push layout:multi "$here/$form:v1"
    check "$kind: cosign signs the index and a platform ($form)" signs "$here/$form" "$form"
  done
  push layout:multi "$here/sealed:v1"
  check "$kind: we seal" sw seal "$here/sealed:v1" -o json
  sw seal "$here/sealed:v1" -o json >seal.json 2>/dev/null
done
for kind in docker referrers; do
  here=${REG[$kind]}
  for to in docker referrers; do
    there=${REG[$to]}
    for form in tags bundles; do
      check "$kind to $to: copy ($form)" sw copy "$here/$form:v1" "$there/copied-$kind-$form:v1"
      check "$kind to $to: cosign and we accept the copy ($form)" both "$there/copied-$kind-$form" "$form"
    done
    check "$kind to $to: copy what we sealed" sw copy "$here/sealed:v1" "$there/copied-$kind-sealed:v1"
    check "$kind to $to: it verifies" sealed_here "$there/copied-$kind-sealed:v1"
  done
  check "$kind: a copy within a registry mounts blobs, or has them" bash -c "'$SEALWRIGHT' copy '$here/tags:v1' '$here/mounted:v1' -o json | jq -e '.blobs.sent == 0 or .blobs.mounted > 0'"
  check "$kind: run again it sends nothing" bash -c "'$SEALWRIGHT' copy '$here/tags:v1' '$here/mounted:v1' -o json | jq -e '.blobs.sent == 0 and .manifests.sent == 0'"
  for form in tags bundles; do
    check "$kind: to a layout and verify offline ($form)" sw copy "$here/$form:v1" "oci:$TMP/layout-$kind-$form:v1"
    check "$kind: the layout verifies ($form)" ours "oci:$TMP/layout-$kind-$form:v1" --offline --require signature,provenance
    check "$kind: from the layout to a registry ($form)" sw copy "oci:$TMP/layout-$kind-$form:v1" "$here/back-$form:v2"
    check "$kind: it verifies there ($form)" both "$here/back-$form" "$form"
    check "$kind: only signatures ($form)" sw copy --only signature "$here/$form:v1" "$here/only-$form:v1"
    check "$kind: the image is not there ($form)" exits 3 sw tree "$here/only-$form:v1"
    check "$kind: tree agrees with cosign ($form)" shown "$here/$form@$digest"
  done
  check "$kind: one platform" sw copy "$here/tags:v1" "$here/platform:v1" --platform linux/amd64
  check "$kind: the platform is what the tag names" bash -c "'$SEALWRIGHT' tree '$here/platform:v1' -o json | jq -e '.root.digest == \"$child\"'"
done

# ---- saved directories
here=${REG[docker]}; there=${REG[referrers]}
for form in tags bundles; do
  check "we save ($form)" sw save "$here/$form:v1" "saved-$form"
  check "what we saved verifies offline ($form)" ours "oci:saved-$form" --offline --require signature,provenance
  check "what we saved is loaded by us ($form)" sw load "saved-$form" "$there/loaded-$form:v1"
  check "and verifies by either ($form)" both "$there/loaded-$form" "$form"
  check "what we saved is loaded by cosign ($form)" "$COSIGN" load --dir "saved-$form" "$there/cosign-loaded-$form:v1"
  check "cosign and we accept what cosign loaded ($form)" ours "$there/cosign-loaded-$form:v1" --require signature
  check "cosign saves ($form)" "$COSIGN" save --dir "cosign-saved-$form" "$here/$form@$digest"
  check "what cosign saved verifies offline ($form)" ours "oci:cosign-saved-$form" --offline --require signature,provenance
  check "we load what cosign saved ($form)" sw load "cosign-saved-$form" "$there/from-cosign-$form:v1"
  check "and it verifies ($form)" ours "$there/from-cosign-$form:v1" --require signature,provenance
  check "another image does not go into the directory ($form)" exits 2 sw save "$here/tags:v1" "saved-$form" --platform linux/amd64
done
check "cosign copies" "$COSIGN" copy "$here/tags:v1" "$there/cosign-copied:v1"
check "we accept what cosign copied" ours "$there/cosign-copied:v1" --require signature,provenance

# ---- download and attach
same_lines() { diff <(sw "download" "$1" "$2" | jq -S . ) <("$COSIGN" download "$1" "$2" 2>/dev/null | jq -S .); }
check "download signature as cosign prints it" same_lines signature "$here/tags@$digest"
check "download attestation as cosign prints it" same_lines attestation "$here/tags@$digest"
sw download signature "$here/tags@$digest" >signature.json
jq -j .Base64Signature signature.json >image.sig; jq -r .Payload signature.json | base64 -d >payload.json
sw download attestation "$here/tags@$digest" >attestation.json
sw download bundle "$here/bundles@$digest" >bundles.jsonl
push layout:multi "$there/attached:v1"; push layout:multi "$here/attached:v1"; push layout:multi "$here/attached-bundles:v1"
attach_old() { sw attach signature image.sig "$1" --payload payload.json; sw attach attestation attestation.json "$1"; }
for at in "$here" "$there"; do
  check "attach signature and attestation ($at)" attach_old "$at/attached:v1"
  check "cosign verifies the attached signature ($at)" "$COSIGN" verify --key cosign.pub --insecure-ignore-tlog --new-bundle-format=false "$at/attached@$digest"
  check "cosign verifies the attached attestation ($at)" "$COSIGN" verify-attestation --key cosign.pub --insecure-ignore-tlog --new-bundle-format=false --type slsaprovenance1 "$at/attached@$digest"
  check "cosign adds to what we attached ($at)" old sign "$at/attached@$digest"
  check "we verify both ($at)" ours "$at/attached:v1" --require signature,provenance
done
check "attach bundles" sw attach bundle bundles.jsonl "$here/attached-bundles:v1"
check "cosign verifies attached bundles" "$COSIGN" verify --key cosign.pub --insecure-ignore-tlog "$here/attached-bundles@$digest"
check "evidence of another image is refused" exits 2 sw attach bundle bundles.jsonl "$here/attached-bundles@$child"
echo '{"spdxVersion": "SPDX-2.3"}' >app.spdx.json
check "attach an SBOM" sw attach sbom app.spdx.json "$here/attached:v1"
check "cosign downloads the SBOM that we attached" bash -c "cmp app.spdx.json <('$COSIGN' download sbom '$here/attached@$digest' 2>/dev/null)"
check "we download it" bash -c "cmp app.spdx.json <('$SEALWRIGHT' download sbom '$here/attached:v1')"

# ---- merging, cleaning
check "copying onto other signatures keeps them" bash -c "'$COSIGN' generate-key-pair --output-key-prefix second >/dev/null 2>&1 && '$COSIGN' sign --yes --key second.key --tlog-upload=false --use-signing-config=false --new-bundle-format=false '$there/cosign-copied@$digest' && '$SEALWRIGHT' copy '$here/attached:v1' '$there/cosign-copied:v1' && '$SEALWRIGHT' verify '$there/cosign-copied:v1' --key second.pub --insecure-ignore-tlog && '$SEALWRIGHT' verify '$there/cosign-copied:v1' --key cosign.pub --insecure-ignore-tlog"
cleaned() { sw clean "$1" --yes "${@:2}"; }
nothing() { sw tree "$1" -o json | jq -e '[.. | .attached? // empty | length] | add == 0'; }
check "clean asks first" exits 2 sw clean "$here/attached:v1"
check "clean signatures" cleaned "$here/attached:v1" --type signature
check "attestations stay" ours "$here/attached:v1" --require provenance
check "signatures are gone" exits 1 ours "$here/attached:v1" --require signature
for kind in docker referrers; do
  for form in tags bundles; do
    at=${REG[$kind]}/back-$form:v2
    check "$kind: clean all ($form)" cleaned "$at"
    check "$kind: nothing is attached any more ($form)" nothing "$at"
    check "$kind: the image is still there ($form)" skopeo --insecure-policy inspect --raw --tls-verify=false "docker://$at"
    check "$kind: again there is nothing to clean ($form)" cleaned "$at"
  done
done
for form in tags bundles; do
  check "clean a saved directory ($form)" cleaned "oci:saved-$form"
  check "nothing is attached there any more ($form)" nothing "oci:saved-$form"
done

# ---- an interrupted copy
python3 - <<'PY'
import hashlib, json, os
os.makedirs("large/blobs/sha256")
def put(data):
    name = hashlib.sha256(data).hexdigest()
    open(f"large/blobs/sha256/{name}", "wb").write(data)
    return {"digest": f"sha256:{name}", "size": len(data)}
layers = [dict(put(bytes([i]) * (24 << 20)), mediaType="application/vnd.oci.image.layer.v1.tar") for i in range(12)]
config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}).encode())
manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": dict(config, mediaType="application/vnd.oci.image.config.v1+json"), "layers": layers}).encode())
json.dump({"schemaVersion": 2, "manifests": [dict(manifest, mediaType="application/vnd.oci.image.manifest.v1+json", annotations={"org.opencontainers.image.ref.name": "v1"})]}, open("large/index.json", "w"))
open("large/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
PY
# killed SOURCE DESTINATION: starts a copy and kills it while it works, at growing delays, until one was cut short.
killed() {
  local delay status
  for delay in 0.1 0.2 0.4 0.8; do
    "$SEALWRIGHT" copy "$1" "$2" >/dev/null 2>&1 & local pid=$!
    sleep "$delay"; kill -9 "$pid" 2>/dev/null || true; status=0; wait "$pid" || status=$?
    if [ "$status" -eq 137 ]; then cut=1; else return 0; fi
  done
  [ -n "${cut:-}" ]
}
check "a copy to a registry is killed" killed oci:large:v1 "$here/large:v1"
check "run again it ends" sw copy oci:large:v1 "$here/large:v1"
check "a copy to a layout is killed" killed "$here/large:v1" "oci:$TMP/large-again:v1"
check "run again it ends, too" sw copy "$here/large:v1" "oci:$TMP/large-again:v1"
check "all of it is there" bash -c "for blob in $TMP/large-again/blobs/sha256/*; do [ \"\$(sha256sum <\$blob | cut -d' ' -f1)\" = \"\$(basename \$blob)\" ]; done && [ \"\$(ls $TMP/large-again/blobs/sha256 | wc -l)\" = 14 ] && [ ! -e $TMP/large-again/.partial ]"
together() { local pids=() i; for i in 1 2 3; do "$SEALWRIGHT" copy "$here/large:v1" "oci:$TMP/together:v1" >/dev/null & pids+=($!); done; for i in "${pids[@]}"; do wait "$i"; done; sw tree "oci:$TMP/together:v1"; [ ! -e "$TMP/together/.partial" ]; }
check "three copies into one layout at once" together
finish
