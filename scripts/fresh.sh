#!/bin/sh
# fresh.sh [OPTION...] COMMAND...: runs COMMAND in a new clone of this checkout's commit, on a Debian 12 that has only git and a shell.
# It makes that system with debootstrap in a folder of its own, and needs root for it. Nothing stays mounted or running,
# and nothing on disk but the downloads.
#   scripts/fresh.sh ./run --version          what a newcomer's first command does
#   scripts/fresh.sh scripts/newcomer.sh      a newcomer's first minutes, each step timed: before each release
#   --folder FOLDER  make the system there (default: a new one under ${TMPDIR:-/var/tmp}); what an earlier --keep left there is used again
#   --keep           leave the system in its folder
#   --same-clone     go on in the clone that is there, moved to this commit, with what it has built
#   --as-user        run COMMAND as an ordinary user, who has no sudo
#   --share-ccache   read this machine's compiler cache: quick, but then the build is not that of a new machine
# Downloaded packages are kept in ${XDG_CACHE_HOME:-~/.cache}/signalbox/fresh. Exit code: that of COMMAND; 3 where the system cannot be made.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)

stop() {
  echo "fresh: $1" >&2
  exit "${2:-3}"
}
say() { echo "fresh: $*" >&2; }

# Inside the namespaces that the outer half made: mounts what a system has, and becomes COMMAND in it.
if [ "${1:-}" = --inside ]; then
  root=$2 cache=$3 user=$4 compiled=$5
  shift 5
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || :
  mount -t tmpfs tmpfs "$root/run"
  mount --bind "$cache/archives" "$root/var/cache/apt/archives"
  home=/root
  [ "$user" = 0 ] || home=/home/newcomer
  if [ "$compiled" != - ]; then
    mkdir -p "$root$home/.cache/ccache"
    mount --bind "$compiled" "$root$home/.cache/ccache"
  fi
  for name in /etc/resolv.conf /etc/hosts; do cp -L "$name" "$root/etc/" || :; done
  certificates=/etc/ssl/certs/ca-certificates.crt
  exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=$home LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
    NODE_EXTRA_CA_CERTS=$certificates npm_config_cafile=$certificates \
    setpriv --reuid "$user" --regid "$user" --clear-groups sh -c 'cd "$HOME/signalbox" && exec "$@"' sh "$@"
fi

folder= keep= again= user=0 compiled=-
while [ $# -gt 0 ]; do
  case $1 in
    --folder) [ $# -gt 1 ] || stop "--folder takes a folder" 2; folder=$2; shift ;;
    --keep) keep=yes ;;
    --same-clone) again=yes ;;
    --as-user) user=1000 ;;
    --share-ccache) compiled=$(ccache -k cache_dir 2>/dev/null) || stop "there is no ccache to share" ;;
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) stop "no option $1; scripts/fresh.sh --help says what there is" 2 ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || stop "which command? for example: scripts/fresh.sh ./run --version" 2
[ "$(id -u)" = 0 ] || stop "needs root, for chroot and mount; run it again with sudo"
command -v debootstrap >/dev/null || stop "debootstrap is not there; first: apt-get install debootstrap"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || stop "Debian's keys are not there; first: apt-get install debian-archive-keyring"
unshare --mount --pid --fork true 2>/dev/null || stop "this kernel or container allows no mount namespaces; use a machine or a virtual machine of your own"

[ -n "$folder" ] || folder=$(mktemp -d "${TMPDIR:-/var/tmp}/signalbox-fresh-XXXXXX")
mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
root=$folder/root
cache=${XDG_CACHE_HOME:-$HOME/.cache}/signalbox/fresh
mkdir -p "$cache/archives/partial" "$cache/base"
inside=
finish() {
  # unshare itself lets no signal but this one end it; with it goes everything that runs inside.
  [ -z "$inside" ] || kill -KILL "$inside" 2>/dev/null || :
  [ -n "$keep" ] || rm -rf --one-file-system "$root" "$folder/debootstrap.log"
  [ -n "$keep" ] || rmdir "$folder" 2>/dev/null || :
}
trap finish EXIT
trap 'exit 130' INT TERM

# The archives that this machine itself installs from, as lines for sources.list.
archives() {
  found=$(apt-get indextargets --format "deb [signed-by=$keyring] \$(REPO_URI) \$(CODENAME) main" 'Created-By: Packages' 2>/dev/null |
    grep -E ' bookworm(-updates|-security)? main$' | sort -u)
  [ -n "$found" ] || found="deb [signed-by=$keyring] http://deb.debian.org/debian bookworm main"
  echo "$found"
}

make_system() {
  began=$(date +%s)
  mirror=$(archives | sed -n 's/^.*\] \(.*\) bookworm main$/\1/p' | head -n 1)
  debootstrap --variant=minbase --include=ca-certificates,git --keyring=$keyring --cache-dir="$cache/base" bookworm "$root" "$mirror" \
    >"$folder/debootstrap.log" 2>&1 || { tail -n 3 "$folder/debootstrap.log" >&2; stop "debootstrap failed; is there a network?"; }
  archives >"$root/etc/apt/sources.list"
  apt-config dump 2>/dev/null | grep -E '^Acquire::(Check-|http|https)' >"$root/etc/apt/apt.conf.d/99machine" || :
  # Debian's images for containers delete what was installed; here the packages are wanted again.
  echo 'APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/99keep"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  chroot "$root" useradd --create-home --uid 1000 newcomer
  say "a bare Debian 12 in $(($(date +%s) - began)) s, $(dpkg-query --admindir="$root/var/lib/dpkg" -W | wc -l) packages"
}

clone() {
  commit=$(git -C "$here" rev-parse --short=12 HEAD)
  [ -z "$(git -C "$here" status --porcelain | head -n 1)" ] || say "what is not committed is not tried; the clone is of $commit"
  home=$root/root
  [ "$user" = 0 ] || home=$root/home/newcomer
  rm -rf "$home/origin.git"
  git clone -q --no-local --bare --single-branch "$(git -C "$here" rev-parse --show-toplevel)" "$home/origin.git"
  if [ -n "$again" ] && [ -d "$home/signalbox/.git" ]; then
    git -c safe.directory='*' -C "$home/signalbox" fetch -q "$home/origin.git" HEAD
    git -c safe.directory='*' -C "$home/signalbox" reset -q --hard FETCH_HEAD
  else
    rm -rf "$home/signalbox"
    git -c safe.directory='*' clone -q "$home/origin.git" "$home/signalbox"
    git -C "$home/signalbox" remote set-url origin "${home#"$root"}/origin.git"
  fi
  [ "$user" = 0 ] || chown -R "$user:$user" "$home/signalbox" "$home/origin.git"
}

[ -x "$root/usr/bin/git" ] || make_system
clone
exec 3<&0
unshare --mount --pid --fork --kill-child --propagation private "$here/fresh.sh" --inside "$root" "$cache" "$user" "$compiled" "$@" <&3 &
inside=$!
code=0
wait $inside || code=$?
inside=
[ -z "$keep" ] || say "the system is in $root"
exit $code
