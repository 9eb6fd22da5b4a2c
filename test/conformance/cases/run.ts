// Running a container: what its process sees and what comes out of it.
import type { Case } from "../case.ts";
import { ownStreams } from "./streams.ts";

export const runCases: Case[] = [
  ownStreams,
  {
    title: "puts into a root what every container has",
    script: `
docker run --name $n busybox sh -c 'stat -c "%F %a %s" /.dockerenv; readlink /etc/mtab
grep -c " / overlay" /etc/mtab'; docker diff $n; docker start -a $n
docker run --rm --read-only busybox ls /.dockerenv /etc/mtab; docker rm $n
`,
    expected: `regular empty file 755 0
/proc/mounts
1
regular empty file 755 0
/proc/mounts
1
/.dockerenv
/etc/mtab
N
`,
  },
  {
    title: "prints what the command prints and gives its exit code",
    script: `
docker run --rm busybox echo hi
docker run --rm busybox sh -c 'echo out; exit 7'; echo $?
`,
    expected: `hi
out
7
`,
  },
  {
    title: "tells a missing command with 127 and one that cannot be run with 126",
    script: `
docker run --rm busybox nope 2>/dev/null; echo $?
docker run --rm busybox /nope/there 2>/dev/null; echo $?
docker run --rm busybox /etc/passwd 2>/dev/null; echo $?
docker run --rm busybox nope 2>&1 | grep -o \\
  'exec: "nope": executable file not found in $PATH'
docker run --rm --name $n busybox nope 2>/dev/null; docker ps -aq --filter name=$n
`,
    expected: `127
127
126
exec: "nope": executable file not found in $PATH
`,
  },
  {
    title: "keeps stdout and stderr apart",
    script: `
docker run --rm busybox sh -c 'echo out; echo err >&2' 2>$dir/err; cat $dir/err
`,
    expected: `out
err
`,
  },
  {
    title: "passes stdin on and sees its end",
    script: `
echo one two | docker run -i --rm busybox cat
head -c 300000 /dev/zero | docker run -i --rm busybox wc -c
`,
    expected: `one two
300000
`,
  },
  {
    title: "gives a terminal",
    script: `
docker run -t --rm busybox sh -c 'tty; stty size >/dev/null && echo sized' | tr -d '\\r'
docker run -t --rm -e TERM=dumb busybox sh -c 'echo $TERM' | tr -d '\\r'
`,
    expected: `/dev/pts/0
stty: standard input: No child processes
sized
dumb
`,
  },
  {
    title: "sets the environment: Docker's base, the image's, the user's",
    script: `
docker run --rm -h box -e A=1 -e B= busybox env | sort
X=from docker run --rm -e X app:1 'echo $X $COLOR; echo $HOME'
unset COLOR
docker run --rm -e COLOR app:1 'echo [$COLOR]'
`,
    expected: `A=1
B=
HOME=/root
HOSTNAME=box
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
from blue
/www
[]
`,
  },
  {
    title: "takes entrypoint, command, user, folder and volumes from the image",
    script: `
docker run --rm app:1
docker run --rm app:1 'echo mine; id'
docker run --rm --entrypoint echo app:1
docker run --rm --entrypoint echo app:1 with words
docker run --rm -u 0 -w /tmp app:1 'id -u; pwd'
docker run --rm app:1 'ls -d /data'
`,
    expected: `from the image
1000
/srv/app
blue
mine
uid=1000(web) gid=1000(web) groups=1000(web)

with words
0
/tmp
/data
`,
  },
  {
    title: "finds users and groups by name and number",
    script: `
docker run --rm -u daemon busybox id 2>&1 | grep -o 'unable to find user daemon'
docker run --rm -u 1234:5678 busybox id
docker run --rm -u 0:10 busybox id -g
docker run --rm -u 65534 --group-add 7 --group-add 8 busybox id -G
docker run --rm -u nobody-here busybox id 2>&1 | grep -o \\
  'unable to find user nobody-here: no matching entries in passwd file'
docker run --rm -u root:nogroup-here busybox id 2>&1 | grep -o \\
  'unable to find group nogroup-here: no matching entries in group file'
`,
    expected: `unable to find user daemon
uid=1234 gid=5678 groups=5678
10
65534 7 8
unable to find user nobody-here: no matching entries in passwd file
unable to find group nogroup-here: no matching entries in group file
`,
  },
  {
    title: "makes the working folder when it is missing",
    script: `
docker run --rm -w /a/b/c busybox pwd
docker run --rm -w relative busybox pwd 2>&1 | grep -o \\
  "relative' is invalid, it needs to be an absolute path"
`,
    expected: `/a/b/c
relative' is invalid, it needs to be an absolute path
`,
  },
  {
    title: "names the host and fills /etc/hosts",
    script: `
docker run --rm --network none -h box busybox sh -c 'hostname; cat /etc/hostname'
docker run --rm --network none --add-host a.b:10.1.2.3 --add-host six:::1 busybox grep -E \\
  '10.1.2.3|six' /etc/hosts
docker run --rm --network none busybox grep localhost /etc/hosts
docker run --rm --network none --domainname example.org -h box busybox hostname -f \\
  2>/dev/null || true
`,
    expected: `box
box
10.1.2.3	a.b
::1	six
127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
`,
  },
  {
    title: "gives the default capabilities, and adds and drops",
    script: `
cap() { docker run --rm "$@" busybox sh -c 'grep -E "Cap(Eff|Bnd)" /proc/self/status'; }
cap
cap --cap-drop ALL
cap --cap-drop all --cap-add NET_ADMIN
cap --cap-add SYS_TIME --cap-drop chown
cap -u 1000
cap --cap-add NOPE 2>&1 | grep -oi 'unknown capability' | head -1
`,
    expected: `CapEff:	00000000a80425fb
CapBnd:	00000000a80425fb
CapEff:	0000000000000000
CapBnd:	0000000000000000
CapEff:	0000000000001000
CapBnd:	0000000000001000
CapEff:	00000000aa0425fa
CapBnd:	00000000aa0425fa
CapEff:	0000000000000000
CapBnd:	00000000a80425fb
unknown capability
`,
  },
  {
    title: "filters system calls unless told otherwise",
    script: `
docker run --rm busybox grep Seccomp: /proc/self/status
docker run --rm --security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status
docker run --rm busybox unshare -m true 2>&1 | grep -o 'not permitted'
docker run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status
docker run --rm busybox grep NoNewPrivs /proc/self/status
rule='{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}'
echo "{\\"defaultAction\\":\\"SCMP_ACT_ALLOW\\",\\"syscalls\\":[$rule]}" > $dir/p.json
docker run --rm --security-opt seccomp=$dir/p.json busybox mkdir /x 2>&1 | grep -o \\
  'not permitted'
docker run --rm --security-opt seccomp=$dir/p.json busybox echo fine
`,
    expected: `Seccomp:	2
Seccomp:	0
not permitted
NoNewPrivs:	1
NoNewPrivs:	0
not permitted
fine
`,
  },
  {
    title: "masks /proc and /sys",
    script: `
docker run --rm busybox sh -c 'cat /proc/kcore | wc -c
ls /proc/acpi /sys/firmware | grep -v : | wc -w; echo 1 > /proc/sysrq-trigger' 2>/dev/null
echo $?
docker run --rm busybox sh -c 'echo x > /proc/sys/kernel/domainname' 2>&1 | grep -o \\
  'Read-only file system'
`,
    expected: `0
0
1
Read-only file system
`,
  },
  {
    title: "runs privileged",
    onlyOurs: "runc fails on a host without CAP_SYS_RESOURCE, as the one of these tests may be",
    script: `
docker run --rm --privileged busybox sh -c \\
  'mount -t tmpfs x /mnt 2>/dev/null || { mkdir -p /mnt
mount -t tmpfs x /mnt; }; grep -c " /mnt " /proc/mounts; test -e /dev/kmsg && echo kmsg
grep Seccomp: /proc/self/status'
`,
    expected: `1
kmsg
Seccomp:	0
`,
  },
  {
    title: "keeps the root read-only when asked",
    script: `
docker run --rm --read-only busybox touch /x 2>&1 | grep -o 'Read-only file system'
docker run --rm --read-only --tmpfs /run busybox sh -c 'touch /run/x && echo ok'
`,
    expected: `Read-only file system
ok
`,
  },
  {
    title: "sets ulimits, sysctls, oom score, shared memory",
    script: `
docker run --rm --ulimit nofile=100:200 --ulimit core=0 busybox sh -c 'ulimit -Sn
ulimit -Hn; ulimit -c'
docker run --rm --ulimit core=-1 busybox sh -c 'ulimit -c'
docker run --rm --network none --sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=9000 \\
  busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
docker run --rm --oom-score-adj 500 busybox cat /proc/self/oom_score_adj
docker run --rm --shm-size 1m busybox df -k /dev/shm | awk 'END{print $2}'
docker run --rm --sysctl kernel.pid_max=9 busybox true 2>/dev/null; echo $?
`,
    expected: `100
200
0
unlimited
1
9000
500
1024
125
`,
  },
  {
    title: "shares namespaces with the host or another container",
    script: `
docker run --rm --pid host busybox sh -c 'test $$ != 1 && echo host pids'
docker run --rm busybox sh -c 'test $$ = 1 && echo own pids'
docker run --rm --uts host busybox hostname | grep -qx "$(hostname)" && echo same name
docker run -d --name $n-a --ipc shareable --network none busybox sleep 100 >/dev/null
docker run --rm --pid container:$n-a busybox ps | grep -c 'sleep 100'
docker run --rm --ipc container:$n-a busybox touch /dev/shm/seen && docker exec $n-a ls \\
  /dev/shm
docker run --rm --network container:$n-a busybox hostname | grep -qx \\
  "$(docker exec $n-a hostname)" && echo same host name
docker rm -f $n-a >/dev/null
docker run --rm --ipc none busybox sh -c 'grep -c " /dev/shm " /proc/mounts; ls -d /dev/shm 2>&1'
true
`,
    expected: `host pids
own pids
same name
1
seen
same host name
0
ls: /dev/shm: No such file or directory
`,
  },
  {
    title: "has an init that reaps",
    script: `
docker run --rm --init busybox sh -c 'test $$ != 1 && echo not first'
docker run --rm --init busybox sh -c 'exit 5'; echo $?
`,
    expected: `not first
5
`,
  },
  {
    title: "gives devices",
    script: `
docker run --rm busybox sh -c 'cd /dev; ls -d full null ptmx random tty urandom zero
ls -d fd stdin stdout stderr shm pts' | tr '\\n' ' '
docker run --rm --device /dev/kmsg:/dev/log2:r busybox ls /dev/log2
docker run --rm --device /dev/nope busybox true 2>/dev/null; echo $?
docker run --rm busybox sh -c 'mknod /tmp/k c 1 11
cat /tmp/k' 2>&1 | grep -o 'not permitted'
`,
    expected: `full null ptmx random tty urandom zero fd pts shm stderr stdin stdout /dev/log2
127
not permitted
`,
  },
  {
    title: "detaches and leaves the container running",
    script: `
id=$(docker run -d --name $n busybox sleep 100)
docker ps -q --no-trunc --filter id=$id | grep -c .
docker rm -f $n
`,
    expected: `1
N
`,
  },
  {
    title: "removes a container that was run with --rm, and its anonymous volumes",
    script: `
before=$(docker volume ls -q | wc -l)
docker run --rm --name $n -v /vol busybox touch /vol/x
docker ps -aq --filter name=$n
test $(docker volume ls -q | wc -l) = $before && echo no volume left
`,
    expected: `no volume left
`,
  },
  {
    title: "writes the id to a file",
    script: `
docker run --cidfile $dir/cid --name $n busybox true
test "$(cat $dir/cid)" = "$(docker inspect -f '{{.Id}}' $n)" && echo same; docker rm $n
`,
    expected: `same
N
`,
  },
];
