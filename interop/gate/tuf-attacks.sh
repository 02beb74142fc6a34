# Every attack that The Update Framework means to withstand, on repositories that python-tuf makes: `tuf-client` and `root update`
# take what is good, refuse the same with the attack in it, and go on using what they knew.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$TMP"
SITE=$(peer python-tuf)/site
tuf_repository() { PYTHONPATH=$SITE PYTHONDONTWRITEBYTECODE=1 python3 "$INTEROP/clients/tuf_repository.py" "$@"; }

tuf_repository list >names || die "python-tuf does not run"
while read -r name; do check "$name" tuf_repository run "$name"; done <names
finish
