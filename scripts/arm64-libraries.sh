#!/usr/bin/env bash
# Fetches the arm64 libraries that the static binary is linked with from Debian's archive into a
# folder, with apt's own checks of signatures, and adds no foreign architecture to this machine.
# usage: arm64-libraries.sh FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?usage: arm64-libraries.sh FOLDER}")
packages="libseccomp-dev libarchive-dev libzstd-dev zlib1g-dev rapidjson-dev"
[ -e "$folder/done" ] && exit 0
rm -rf "$folder"
mkdir -p "$folder"/{apt/lists/partial,apt/archives/partial,debs,root}
apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64
  -o Dir::State::status=/dev/null -o Dir::State::lists="$folder/apt/lists"
  -o Dir::Cache="$folder/apt" -o APT::Sandbox::User=root)
"${apt[@]}" update
# shellcheck disable=SC2086
(cd "$folder/debs" && "${apt[@]}" download $packages)
for deb in "$folder"/debs/*.deb; do dpkg-deb -x "$deb" "$folder/root"; done
rm -rf "$folder/apt"
touch "$folder/done"
