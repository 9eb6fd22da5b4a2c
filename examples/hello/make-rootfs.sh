#!/bin/sh
# Makes examples/hello/rootfs: busybox with its commands, two users, and one page to serve.
set -eu
cd "$(dirname "$0")"
[ -x rootfs/bin/busybox ] && exit 0
mkdir -p rootfs.new/bin rootfs.new/etc rootfs.new/srv rootfs.new/tmp rootfs.new/root
cp /bin/busybox rootfs.new/bin/busybox
for name in $(/bin/busybox --list); do
  [ "$name" = busybox ] || ln -sf busybox "rootfs.new/bin/$name"
done
chmod 1777 rootfs.new/tmp
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >rootfs.new/etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >rootfs.new/etc/group
echo '<h1>Hello from fairlead</h1>' >rootfs.new/srv/index.html
mv rootfs.new rootfs
