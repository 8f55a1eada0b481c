#!/bin/sh
# setup.sh GROUP...: installs what packages.txt names in those groups, when something of it is missing. Prints nothing when all is there.
# SIGNALBOX_DRY_RUN=1 says what it would install, and ends.
set -eu
list=$(dirname "$0")/../packages.txt
system=${SIGNALBOX_OS_RELEASE:-/etc/os-release} # tests describe another system there

stop() { # MESSAGE [EXIT CODE]
  echo "set-up: $1" >&2
  exit "${2:-3}"
}

# The packages of the groups, each after the command that stands in for it, or '-'.
wanted() {
  awk -v groups=" $* " '
    /^## / { group = $2; sub(/:$/, "", group); inside = index(groups, " " group " "); next }
    inside && /^#unless / { sub(/:$/, "", $2); print $2, $3; next }
    inside && /^[^#[:space:]]/ { print "-", $1 }' "$list"
}

# The packages that are not installed, and whose command is not there either.
missing() {
  packages=$(wanted "$@" | while read -r command package; do
    if [ "$command" = - ] || ! command -v "$command" >/dev/null 2>&1; then echo "$package"; fi
  done)
  # dpkg-query names each installed one; what the list has more often than that is missing.
  # shellcheck disable=SC2086
  { dpkg-query -W -f='${db:Status-Status} ${Package}\n' $packages 2>/dev/null | sed -n 's/^installed //p'; echo --; echo "$packages"; } |
    awk '/^--$/ { listing = 1; next } !listing { there[$1] = 1; next } !($1 in there) { print $1 }'
}

is_debian_12() { [ -r "$system" ] && (. "$system" && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ]); }

describe_system() { ([ -r "$system" ] && . "$system" && echo "${PRETTY_NAME:-an unknown system}") || echo "an unknown system"; }

command -v dpkg-query >/dev/null 2>&1 || stop "this is $(describe_system); Signalbox is built on Debian 12: try a debian:12 container"
needed=$(missing "$@" | tr '\n' ' ')
[ -n "$needed" ] || exit 0
is_debian_12 || stop "this is $(describe_system); Signalbox is built on Debian 12: try a debian:12 container, or install by hand: $needed"
if [ -n "${SIGNALBOX_DRY_RUN:-}" ]; then
  echo "$needed"
  exit 0
fi

as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || stop "needs root, and there is no sudo; as root: apt-get update && apt-get install --no-install-recommends $needed"
  sudo -n true 2>/dev/null || [ -t 0 ] || stop "needs root, and sudo wants a password; first: sudo apt-get update && sudo apt-get install --no-install-recommends $needed"
  as_root=sudo
fi

count=$(echo "$needed" | wc -w)
echo "set-up: installing $count Debian packages (groups: $*); it happens once"
log=$(mktemp)
no_services=
finish() {
  [ -z "$no_services" ] || $as_root rm -f /usr/sbin/policy-rc.d
  rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT TERM

apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o APT::Update::Error-Mode=any -o Dpkg::Use-Pty=0 \
    -o Acquire::Retries=1 -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null
}

apt update || stop "cannot reach the package archive: $(grep -m1 '^[EW]:' "$log" || tail -n 1 "$log"); connect to the network and run the same command again"
# shellcheck disable=SC2086
if ! apt install -s --no-install-recommends $needed; then
  stop "apt finds no way to install: $(grep -m1 -A1 '^E:\|Depends:\|Conflicts:' "$log" | tr '\n' ' ')"
fi
removed=$(sed -n 's/^Remv \([^ ]*\).*/\1/p' "$log" | tr '\n' ' ')
[ -z "$removed" ] || stop "apt would remove: ${removed}; nothing was changed; remove them yourself if you do not need them, or use a debian:12 container"

# Installing PostgreSQL or nginx starts a server; tests start their own, so none is wanted.
case " $needed " in *" postgresql-15 "*)
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as_root sh -c 'mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf'
    echo "set-up: wrote /etc/postgresql-common/createcluster.conf, so that installing PostgreSQL makes and starts no server"
  fi ;;
esac
if [ ! -e /usr/sbin/policy-rc.d ]; then
  no_services=yes
  $as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d'
fi
began=$(date +%s)
# shellcheck disable=SC2086
apt install -y --no-remove --no-install-recommends $needed ||
  stop "apt-get install failed: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")"
left=$(missing "$@" | tr '\n' ' ')
[ -z "$left" ] || stop "apt-get ended well, but these are still missing: $left"
echo "set-up: $count packages in $(($(date +%s) - began)) s"
