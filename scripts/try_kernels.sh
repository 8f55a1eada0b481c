#!/bin/sh
# try_kernels.sh [PACKAGE...]: the profiler's end-to-end tests on other kernels than this machine's: each kernel package of Debian is started in a virtual
# machine that sees this machine's files and changes none of them. Without packages: the newest cloud kernels of Linux 6.1 and 6.12.
# Needs build/release, qemu-system-x86, busybox-static, xz-utils, cpio, and for packages a network. TESTS: a regular expression for ctest, usually those that record. ACCEL=kvm is faster, where a
# machine within a machine may use it.
set -eu
cd "$(dirname "$0")/.."
source=$PWD
tests=${TESTS:-^e2e_profile_(agent_|dump_|overhead_|probe_|python_|runtimes_|select_|top_|waiting_|)test\$}

for tool in qemu-system-x86_64 busybox cpio xz; do
  command -v $tool >/dev/null || { echo "try_kernels: $tool is missing: apt-get install qemu-system-x86 busybox-static cpio xz-utils" >&2; exit 3; }
done
[ -f build/release/CTestTestfile.cmake ] || { echo "try_kernels: there is nothing to test: scripts/build.sh release" >&2; exit 3; }
newest() { apt-cache search --names-only "^linux-image-$1.*-cloud-amd64\$" | cut -d' ' -f1 | grep -v '^linux-image-[0-9.]*-cloud' | sort -V | tail -n 1; }
[ $# -gt 0 ] || set -- "$(newest '6\.1\.')" "$(newest '6\.12\.')"

folder=$(mktemp -d)
guest=
trap '[ -z "$guest" ] || kill "$guest" 2>/dev/null; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

# What the first program of the guest does: this machine's files below, its own memory above, and the tests in between.
first_program() {
  cat <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
for module in virtio_pci 9pnet_virtio 9p overlay; do modprobe \$module || echo "no module \$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose files /below || { echo "GUEST: no files"; poweroff -f; }
mount -t tmpfs -o size=75% none /above
mkdir /above/changed /above/work
mount -t overlay -o lowerdir=/below,upperdir=/above/changed,workdir=/above/work none /all || { echo "GUEST: no overlay"; poweroff -f; }
mount --move /proc /all/proc; mount --move /sys /all/sys; mount --move /dev /all/dev
mkdir -p /all/dev/shm /all/dev/pts
mount -t devpts none /all/dev/pts; mount -t tmpfs none /all/dev/shm; mount -t tmpfs none /all/run
mount -t tmpfs -o mode=1777,size=60% none /all/tmp
ip link set lo up
exec chroot /all /bin/sh "$source/$1"
END
}

code=0
for package in "$@"; do
  echo "== $package"
  mkdir "$folder/$package" && cd "$folder/$package"
  apt-get -q download "$package" >apt.log 2>&1 || { cat apt.log; exit 3; }
  dpkg -x ./*.deb root
  kernel=$(echo root/boot/vmlinuz-*)
  version=${kernel#root/boot/vmlinuz-}
  mkdir -p first/bin first/sbin first/proc first/sys first/dev first/below first/above first/all first/lib
  cp "$(command -v busybox)" first/bin/
  cp -r root/lib/modules first/lib/ 2>/dev/null || cp -r root/usr/lib/modules first/lib/
  find first/lib/modules -name '*.ko.xz' -exec xz -d {} +
  sed -i 's/\.ko\.xz/.ko/g' first/lib/modules/"$version"/modules.* 2>/dev/null || :
  busybox depmod -b first "$version" 2>/dev/null || :
  cat >"$source/build/in_guest.sh" <<END
cd "$source"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root XDG_CACHE_HOME=/tmp/cache
echo "GUEST: \$(uname -r)"
build/release/bin/signalbox profile doctor
ctest --test-dir build/release -R '$tests' --output-on-failure --timeout 900
echo "GUEST: tests ended with \$?"
echo o >/proc/sysrq-trigger
sleep 60
END
  first_program build/in_guest.sh >first/init && chmod +x first/init
  (cd first && find . | cpio -o -H newc --quiet | gzip -1) >first.gz
  timeout 5400 qemu-system-x86_64 -machine "q35,accel=${ACCEL:-tcg}" -cpu max,-arch-capabilities -smp 2 -m 6G -nodefaults -no-reboot -display none -serial stdio -kernel "$kernel" -initrd first.gz \
    -append 'console=ttyS0 quiet panic=-1' -virtfs local,path=/,mount_tag=files,security_model=none,readonly=on,multidevs=remap </dev/null >"$folder/$package.txt" 2>&1 &
  guest=$!
  wait "$guest" || :
  guest=
  grep -a -E 'GUEST:|Passed|Failed|Skipped|tests passed|Not Run' "$folder/$package.txt" | tr -d '\r'
  grep -a -q 'GUEST: tests ended with 0' "$folder/$package.txt" || { code=1; [ -z "${KEEP:-}" ] || cp "$folder/$package.txt" "$KEEP/"; tail -n 80 "$folder/$package.txt"; }
  cd "$source"
  rm -rf "${folder:?}/$package"
done
exit $code
