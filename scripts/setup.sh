#!/usr/bin/env bash
# Installs the Debian packages that a build or the tests need, and only those that are missing.
# usage: setup.sh build|pack|test|fuzz|vm
set -euo pipefail
build="make g++ libc6-dev libseccomp-dev libarchive-dev zlib1g-dev libzstd-dev rapidjson-dev"
build+=" busybox-static"
tests="docker.io docker-registry mmdebstrap systemd-container openssh-server openssh-client"
tests+=" skopeo iproute2 nftables crun runc lxc sudo python3 podman conmon containerd"
tests+=" uidmap passt slirp4netns e2fsprogs"
pack="g++-aarch64-linux-gnu binutils-aarch64-linux-gnu qemu-user-static"
fuzz="clang-19 libclang-rt-19-dev"
case "${1:-build}" in
  build) wanted=$build ;;
  pack) wanted="$build $pack" ;;
  test) wanted="$build $tests" ;;
  fuzz) wanted="$build $fuzz" ;;
  vm) wanted="$build $tests qemu-system-x86" ;;
  *) echo "usage: setup.sh build|pack|test|fuzz|vm" >&2; exit 2 ;;
esac
missing=()
for package in $wanted; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "fairlead: these packages are needed and cannot be installed here: ${missing[*]}" >&2
  exit 1
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
# A machine that was just made is often still installing its own updates. apt waits for dpkg's
# lock by itself, but not for the one of its lists.
for attempt in $(seq 150); do
  if said=$(apt-get update -qq 2>&1); then break; fi
  if [ "$attempt" -eq 150 ] || [[ $said != *"Could not get lock"* ]]; then
    echo "$said" >&2
    exit 1
  fi
  [ "$attempt" -gt 1 ] || echo "waiting up to 5 minutes: ${said%%$'\n'*}" >&2
  sleep 2
done
apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
