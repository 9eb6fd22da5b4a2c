// What every execution driver must do alike: a short scenario for each part of a life.
import type { Case } from "../case.ts";
import { ownStreams } from "./streams.ts";

/** Fields of a process's status, and what it may do. */
const STATUS = "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\t' ' '";

export const driverCases: Case[] = [
  ownStreams,
  {
    title: "output, exit codes, and programs that are missing or none",
    script: `
docker run --rm busybox sh -c 'echo out; echo err >&2; exit 7' 2>&1 | sort; echo $PIPESTATUS
docker run --rm busybox nope 2>&1 | grep -o 'exec: "nope": executable file not found in $PATH'
docker run --rm busybox nope 2>/dev/null; echo $?
docker run --rm busybox /etc/passwd 2>/dev/null; echo $?
docker run --rm --init busybox sh -c 'kill -9 $$'; echo $?
`,
    expected: `err
out
7
exec: "nope": executable file not found in $PATH
127
126
137
`,
  },
  {
    title: "stdin by pipe, a terminal, and its size",
    script: `
echo one two | docker run -i --rm busybox cat
head -c 300000 /dev/zero | docker run -i --rm busybox wc -c
docker run -t --rm busybox sh -c 'tty; test -t 0 && test -t 1 && echo both' | tr -d '\\r'
docker run -dt --name $n busybox sleep 100 >/dev/null
docker exec -t $n tty | tr -d '\\r'
docker rm -f $n >/dev/null
`,
    expected: `one two
300000
/dev/pts/0
both
/dev/pts/1
`,
  },
  {
    title: "exec: streams, exit code, user, folder, environment, and a program that is missing",
    script: `
docker run -d --name $n -e A=1 busybox sleep 100 >/dev/null
docker exec -e B=2 -u 1000:1001 -w /tmp $n sh -c 'id -u; id -g; pwd; echo $A$B; exit 5'; echo $?
echo in | docker exec -i $n cat
docker exec $n nope >/dev/null 2>&1; echo $?
docker exec $n sh -c 'kill -9 $$'; echo $?
docker exec -d $n sh -c 'echo made > /made'; sleep 0.3; docker exec $n cat /made
docker exec $n sh -c "${STATUS}"
docker exec --privileged $n sh -c 'grep -c "CapEff.*fffeffffff" /proc/self/status'
docker rm -f $n >/dev/null
`,
    expected: `1000
1001
/tmp
12
5
in
127
137
made
CapEff: 00000000a80425fb
CapBnd: 00000000a80425fb
NoNewPrivs: 0
Seccomp: 2
1
`,
  },
  {
    title: "identity: user, groups, capabilities, no new privileges, rlimits, hostname, sysctl",
    script: `
docker run --rm -u 1000:1001 --group-add 5 busybox sh -c "id -u; id -g; id -G; ${STATUS}"
docker run --rm --cap-drop ALL --cap-add CHOWN --security-opt no-new-privileges \\
  busybox sh -c "${STATUS}"
docker run --rm --ulimit nofile=100:200 -h box --domainname example.org --sysctl \\
  kernel.msgmax=9000 busybox sh -c 'ulimit -n; ulimit -Hn; hostname;
  cat /proc/sys/kernel/domainname /proc/sys/kernel/msgmax'
docker run --rm --ulimit core=-1 busybox sh -c 'ulimit -c'
`,
    expected: `1000
1001
1001 5
CapEff: 0000000000000000
CapBnd: 00000000a80425fb
NoNewPrivs: 0
Seccomp: 2
CapEff: 0000000000000001
CapBnd: 0000000000000001
NoNewPrivs: 1
Seccomp: 2
100
200
box
example.org
9000
unlimited
`,
  },
  {
    title: "the file system: read-only root, tmpfs, volumes, binds, devices, hidden paths",
    script: `
docker run --rm --read-only --tmpfs /run:size=64k busybox sh -c \\
  'touch /x 2>&1; touch /run/x && echo tmpfs'
docker run --rm -v $n:/a/b busybox sh -c 'echo kept > /a/b/file'
mkdir $dir/src; echo host > $dir/src/file
docker run --rm -v $n:/a/b:ro -v $dir/src:/src:ro busybox sh -c \\
  'cat /a/b/file /src/file; touch /a/b/x 2>&1; touch /src/x 2>&1'
docker volume rm $n >/dev/null
docker run --rm --device /dev/null:/dev/other busybox sh -c \\
  'ls -l /dev/other | cut -c1; : >/dev/other && echo open'
docker run --rm busybox sh -c 'test -s /proc/timer_list || echo hidden
  echo 9 2>/dev/null >/proc/sys/vm/swappiness || echo read-only
  test -c /dev/null && test -c /dev/zero && test -d /dev/pts && ls -d /dev/shm /dev/mqueue'
docker run --rm --privileged busybox sh -c 'mount -t tmpfs none /tmp && echo may'
`,
    expected: `touch: /x: Read-only file system
tmpfs
kept
host
touch: /a/b/x: Read-only file system
touch: /src/x: Read-only file system
c
open
hidden
read-only
/dev/mqueue
/dev/shm
may
`,
  },
  {
    title: "limits of control groups, at the start and while it runs",
    script: `
docker run -d --name $n -m 64m --memory-swap 64m --cpus 0.5 --pids-limit 20 busybox sleep 100 \\
  >/dev/null
two=$(test -e /sys/fs/cgroup/cgroup.controllers && echo yes)
f() { test "$two" && echo $2 || echo $1; }
show() { cd /; for file in $(f memory/memory.limit_in_bytes memory.max) \\
  $(f cpu/cpu.cfs_quota_us cpu.max) $(f pids/pids.max pids.max); do
  docker exec $n cat /sys/fs/cgroup/$file | cut -d' ' -f1; done; }
show
docker update -m 80m --memory-swap 80m --cpus 0.3 --pids-limit 30 $n >/dev/null; show
docker stats --no-stream --format '{{.MemUsage}}' $n | cut -d/ -f2
docker rm -f $n >/dev/null
docker run --name $n -m 16m --memory-swap 16m busybox sh -c 'tail /dev/zero'; echo $?
docker inspect -f '{{.State.OOMKilled}}' $n; docker rm $n >/dev/null
`,
    expected: `67108864
50000
20
83886080
30000
30
 80MiB
137
true
`,
  },
  {
    title: "pause stands still, top and stop work",
    script: `
docker run -d --name $n busybox sh -c 'trap "echo bye; exit 3" TERM INT
  while :; do date +%s%N > /t; sleep 0.05; done' >/dev/null
sleep 0.3; docker pause $n >/dev/null
docker inspect -f '{{.State.Status}}' $n
docker exec $n true 2>&1 | grep -o 'is paused'
docker unpause $n >/dev/null; docker top $n | grep -c 'date +%s%N'
docker stop -t 5 $n >/dev/null; docker wait $n; docker logs $n
docker start $n >/dev/null; sleep 0.2; docker kill -s INT $n >/dev/null; docker wait $n
docker rm $n >/dev/null
docker run -d --name $n busybox sh -c 'trap "" TERM; while :; do sleep 0.1; done' >/dev/null
docker stop -t 0 $n >/dev/null; docker wait $n; docker rm $n >/dev/null
`,
    expected: `paused
is paused
1
3
bye
3
137
`,
  },
  {
    title: "restart policy and health check",
    script: `
docker run -d --name $n --restart on-failure:2 busybox sh -c 'echo again; exit 4' >/dev/null
for i in $(seq 50); do
  test "$(docker inspect -f '{{.State.Status}}' $n)" = exited && break; sleep 0.1; done
docker inspect -f '{{.RestartCount}} {{.State.ExitCode}}' $n; docker logs $n
docker rm $n >/dev/null
docker run -d --name $n --health-cmd 'test -e /well' --health-interval 100ms --health-retries 2 \\
  busybox sleep 100 >/dev/null
until_() { for i in $(seq 100); do h=$(docker inspect -f '{{.State.Health.Status}}' $n)
  test "$h" = $1 && break; sleep 0.1; done; echo $h; }
until_ unhealthy; docker exec $n touch /well; until_ healthy
docker rm -f $n >/dev/null
`,
    expected: `2 4
again
again
again
unhealthy
healthy
`,
  },
  {
    title: "networks: names, a published port, sharing, and an init that reaps",
    script: `
docker network create $n >/dev/null
docker run -d --name \${n}a --network $n busybox sh -c \\
  'while :; do echo hello | nc -l -p 80; done' >/dev/null
for i in $(seq 20); do
  docker run --rm --network $n busybox nc -w 2 \${n}a 80 </dev/null 2>/dev/null && break; done
docker run --rm --network container:\${n}a busybox sh -c 'nc -w 2 127.0.0.1 80 </dev/null'
docker run --rm --network none busybox sh -c 'ls /sys/class/net'
docker rm -f \${n}a >/dev/null; docker network rm $n >/dev/null
docker run -d --name $n --init busybox sh -c 'exec sleep 100' >/dev/null
docker exec $n sh -c 'tr "\\0" " " </proc/1/cmdline'; echo
docker rm -f $n >/dev/null
`,
    expected: `hello
hello
lo
/dev/init init -- sh -c exec sleep 100 
`,
  },
  {
    title: "shares namespaces with the host and with another container",
    script: `
docker run -d --name $n --ipc shareable busybox sleep 1000 >/dev/null
docker run --rm --pid container:$n busybox sh -c 'tr "\\0" " " </proc/1/cmdline'; echo
docker run --rm --ipc container:$n busybox sh -c 'echo shared > /dev/shm/x'
docker exec $n cat /dev/shm/x
docker run --rm --pid host --uts host --network host busybox sh -c \\
  'echo "$(hostname)" $(test -d /proc/'$$' && echo process)' 2>&1 | sed "s/^$(hostname) /host /"
docker run --rm --ipc host busybox grep -c ' /dev/mqueue mqueue ' /proc/mounts
docker rm -f $n >/dev/null
`,
    expected: `sleep 1000 
shared
host process
1
`,
  },
];
