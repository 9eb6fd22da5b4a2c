// Limits of control groups.
import type { Case } from "../case.ts";

export const limitCases: Case[] = [
  {
    title: "sets the limits of control groups",
    script: `
cg() { docker run --rm "$@"; }
two=$(test -e /sys/fs/cgroup/cgroup.controllers && echo yes)
f() { test "$two" && echo $2 || echo $1; }
cg -m 64m --memory-swap 64m busybox cat /sys/fs/cgroup/$(f memory/memory.limit_in_bytes \\
  memory.max)
cg --cpus 0.5 busybox cat /sys/fs/cgroup/$(f cpu/cpu.cfs_quota_us cpu.max) | cut -d' ' -f1
cg --pids-limit 20 busybox cat /sys/fs/cgroup/$(f pids/pids.max pids.max)
cg --cpuset-cpus 0 busybox cat /sys/fs/cgroup/$(f cpuset/cpuset.cpus cpuset.cpus)
test "$two" && echo 512 || cg -c 512 busybox cat /sys/fs/cgroup/cpu/cpu.shares
`,
    expected: `67108864
50000
20
0
512
`,
  },
  {
    title: "changes limits of a running container",
    script: `
docker run -d --name $n -m 64m --memory-swap 64m busybox sleep 100 >/dev/null
docker update -m 80m --memory-swap 80m --cpus 0.3 --pids-limit 30 --restart always $n
two=$(test -e /sys/fs/cgroup/cgroup.controllers && echo yes)
f() { test "$two" && echo $2 || echo $1; }
cd /; docker exec $n cat /sys/fs/cgroup/$(f memory/memory.limit_in_bytes memory.max)
docker exec $n cat /sys/fs/cgroup/$(f cpu/cpu.cfs_quota_us cpu.max) | cut -d' ' -f1
docker exec $n cat /sys/fs/cgroup/$(f pids/pids.max pids.max)
i() { docker inspect -f "$1" $n; }
i '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}'
i '{{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}'
docker update -m 1m $n 2>&1 | grep -o 'Minimum memory limit allowed is 6MB'
docker update --restart no $n; docker rm -f $n
`,
    expected: `N
83886080
30000
30
83886080 300000000
30 always
Minimum memory limit allowed is 6MB
N
N
`,
  },
  {
    title: "tells when memory ran out",
    script: `
docker run --name $n -m 16m --memory-swap 16m busybox sh -c \\
  'x=$(head -c 64000000 /dev/zero | tr "\\0" x)
echo no'; docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' $n; docker rm $n
`,
    expected: `true 137
N
`,
  },
  {
    title: "stops fork bombs",
    script: `
docker run --rm --pids-limit 10 busybox sh -c 'for i in $(seq 30); do sleep 1 & done
wait' 2>&1 | grep -o -m1 "can't fork"
`,
    expected: `can't fork
`,
  },
  {
    title: "takes a limit of processes away again",
    script: `
docker run -d --name $n --pids-limit 32 busybox sleep 100 >/dev/null
docker update --pids-limit 16 $n >/dev/null
docker inspect -f '{{.HostConfig.PidsLimit}}' $n; docker update --pids-limit -1 $n >/dev/null
docker exec $n sh -c 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null'
docker rm -f $n
`,
    expected: `16
max
N
`,
  },
];
