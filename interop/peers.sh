# Where the peers are. Sourced by install-peers, lib.sh and images/*; sets PEERS and defines peer_version and peer.
PEERS=${SEALWRIGHT_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/sealwright-peers}
INTEROP=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# peer_version NAME: the pinned version of a peer ("12" for the Debian packages as a whole).
peer_version() {
  local key
  if [ "$1" = debian ]; then echo 12; return; fi
  key=$(printf '%s' "$1" | tr 'a-z-' 'A-Z_')
  sed -n "s/^$key=//p" "$INTEROP/versions" | grep . || { echo "no version pinned for $1" >&2; return 1; }
}

# peer NAME: the directory of an installed peer; fails loudly when it is absent.
peer() {
  local dir
  dir=$PEERS/$1-$(peer_version "$1") || return 1
  [ -d "$dir" ] || { echo "peer $1 is not installed: run interop/install-peers" >&2; return 1; }
  printf '%s\n' "$dir"
}
