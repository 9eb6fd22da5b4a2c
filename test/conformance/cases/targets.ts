// Where binds, volumes and tmpfs may go.
import type { Case } from "../case.ts";

export const targetCases: Case[] = [
  {
    title: "tells a folder that is mounted onto a file, and the reverse",
    script: `
mkdir $dir/d; echo x > $dir/f
docker run --rm -v $dir/d:/etc/passwd busybox true 2>&1 | grep -o "$dir/d.*/etc/passwd" | \\
  grep -c /etc/passwd
docker run --rm -v $dir/f:/tmp busybox true 2>&1 | grep -o "$dir/f.*/tmp" | grep -c /tmp
docker run --rm --tmpfs /etc/passwd busybox true 2>&1 | grep -ic 'not a directory'
docker run --rm -v $dir/d:/etc/passwd busybox true >/dev/null 2>&1; echo $?
`,
    expected: `1
1
1
125
`,
  },
  {
    title: "keeps /proc as it is, but for what shows another machine's",
    script: `
mkdir $dir/d; echo ours > $dir/f
for target in /proc /proc/sys /proc/version; do
  source=$dir/d; test $target = /proc/version && source=$dir/f
  docker run --rm -v $source:$target busybox true >/dev/null 2>&1; echo $?
done
docker run --rm -v $n:/proc busybox true >/dev/null 2>&1; echo $?; docker volume rm $n
docker run --rm --tmpfs /proc busybox true >/dev/null 2>&1; test $? -ne 0 && echo refused
docker run --rm -v $dir/f:/proc/cpuinfo busybox cat /proc/cpuinfo
docker run --rm -v /proc:/proc busybox ls -d /proc/1
`,
    expected: `125
125
125
125
N
refused
ours
/proc/1
`,
  },
  {
    title: "lets /sys be covered, with the control groups in it",
    script: `
mkdir $dir/d; touch $dir/d/x; docker run --rm -v $dir/d:/sys busybox ls /sys
docker run --rm --tmpfs /sys busybox ls /sys
docker run --rm -v $dir/d:/sys/fs/cgroup busybox ls /sys/fs/cgroup
docker run --rm -v $dir/d:/sys/kernel busybox ls /sys/kernel
`,
    expected: `x
x
x
`,
  },
];
