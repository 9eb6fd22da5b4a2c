// Flags of run, create and exec that no other case needs: each is where inspect shows it, or is
// refused. `i` prints of a new container what a template says, and removes it.
import type { Case } from "../case.ts";

const INSPECT = `
i() { t=$1; shift; docker create --name $n "$@" >/dev/null && docker inspect -f "$t" $n
docker rm $n >/dev/null; }
`;

export const flagCases: Case[] = [
  {
    title: "takes limits of processors and memory",
    script: `${INSPECT}
i '{{with .HostConfig}}{{.CpuPeriod}} {{.CpuQuota}} {{.CpusetCpus}} {{.CpusetMems}}{{end}}' \\
  --cpu-period 50000 --cpu-quota 20000 --cpuset-cpus 0 --cpuset-mems 0 busybox
i '{{.HostConfig.CpuRealtimePeriod}} {{.HostConfig.CpuRealtimeRuntime}}' \\
  --cpu-rt-period 100000 --cpu-rt-runtime 1000 busybox
i '{{with .HostConfig}}{{.Memory}} {{.MemoryReservation}} {{.MemorySwappiness}}{{end}}' \\
  --memory 64m --memory-reservation 32m --memory-swappiness 10 --oom-kill-disable busybox
`,
    expected: `50000 20000 0 0
100000 1000
67108864 33554432 10
`,
    onlyOurs: "dockerd refuses swappiness, and discards limits, that this kernel does not have",
  },
  {
    title: "takes limits of devices",
    script: `${INSPECT}
i '{{json .HostConfig.BlkioDeviceReadBps}} {{json .HostConfig.BlkioDeviceWriteBps}}' \\
  --device-read-bps /dev/null:1mb --device-write-bps /dev/null:2mb busybox
i '{{json .HostConfig.BlkioDeviceReadIOps}} {{json .HostConfig.BlkioDeviceWriteIOps}}' \\
  --device-read-iops /dev/null:3 --device-write-iops /dev/null:4 busybox
i '{{json .HostConfig.DeviceCgroupRules}}' --device-cgroup-rule 'c 1:3 rwm' busybox
`,
    expected: `[{"Path":"/dev/null","Rate":1048576}] [{"Path":"/dev/null","Rate":2097152}]
[{"Path":"/dev/null","Rate":3}] [{"Path":"/dev/null","Rate":4}]
["c 1:3 rwm"]
`,
  },
  {
    title: "takes files of variables and labels, resolvers, and a start period",
    script: `${INSPECT}
printf 'A=1\\n# no\\nB=2 3\\n' >$dir/env; printf "l=1\\n" >$dir/labels
i '{{index .Config.Env 0}} {{index .Config.Env 1}} {{json .Config.Labels}}' \\
  --env-file $dir/env --label-file $dir/labels busybox
i '{{with .HostConfig}}{{json .Dns}} {{json .DnsSearch}} {{json .DnsOptions}}{{end}}' \\
  --dns 1.2.3.4 --dns-search x.y --dns-option ndots:2 busybox
i '{{json .Config.Healthcheck}}' --health-cmd x --health-start-period 3s busybox
docker run -d --name $n busybox sleep 99 >/dev/null
docker exec --env-file $dir/env $n sh -c 'echo $A $B'; docker exec --detach-keys ctrl-x $n echo x
docker exec --detach-keys nope $n echo x 2>&1 | grep -o 'Invalid escape keys (nope) provided'
docker rm -f $n
`,
    expected: `A=1 B=2 3 {"l":"1"}
["1.2.3.4"] ["x.y"] ["ndots:2"]
{"Test":["CMD-SHELL","x"],"StartPeriod":3000000000}
1 2 3
x
Invalid escape keys (nope) provided
N
`,
  },
  {
    title: "takes namespaces, groups, ports and volume drivers by their names",
    script: `${INSPECT}
i '{{with .HostConfig}}{{.CgroupnsMode}} {{.CgroupParent}} {{.UsernsMode}} {{.Isolation}}{{end}}' \\
  --cgroupns host --cgroup-parent /zz --userns host --isolation default busybox
i '{{.HostConfig.PublishAllPorts}} {{json .Config.ExposedPorts}}' -P --expose 80 busybox
i '{{.HostConfig.VolumeDriver}} {{json .HostConfig.Binds}}' --volume-driver local -v $n:/v busybox
docker volume rm $n
docker create --name $n --isolation hyperv busybox 2>&1 | grep -ic 'invalid isolation'
docker create --name $n --platform linux/s390x --pull never busybox 2>&1 | grep -o 'was found but'
docker create --name $n --storage-opt size=1G busybox 2>&1 | grep -c 'Error response'
`,
    expected: `host /zz host default
true {"80/tcp":{}}
local ["N:/v"]
N
1
was found but
1
`,
  },
  {
    title: "attaches to what it is told to",
    script: `${INSPECT}
i '{{with .Config}}{{.AttachStdin}} {{.AttachStdout}} {{.AttachStderr}} {{.OpenStdin}}{{end}}' \\
  -a stdout -i busybox
docker run --rm -a stderr busybox sh -c 'echo o; echo e >&2' 2>&1
docker run --rm --detach-keys ctrl-x --sig-proxy=false busybox echo plain
`,
    expected: `true true false true
e
plain
`,
  },
];
