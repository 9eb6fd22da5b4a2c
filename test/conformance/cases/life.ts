// The life of a container: start, stop, kill, pause, restart, wait, attach, health, removal.
import type { Case } from "../case.ts";

export const lifeCases: Case[] = [
  {
    title: "goes from created to running to exited, and tells it",
    script: `
docker create --name $n busybox sh -c 'exit 3' >/dev/null
s() { docker inspect -f '{{.State.Status}} {{.State.Running}} {{.State.ExitCode}}' $n; }
s; docker start $n; docker wait $n; s; docker start -a $n; echo $?; docker rm $n
docker inspect $n >/dev/null 2>&1; echo $?
`,
    expected: `created false 0
N
3
exited false 3
3
N
1
`,
  },
  {
    title: "says nothing new when started or stopped twice",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null; docker start $n; docker stop -t 0 $n
docker stop $n
curl -s -o /dev/null -w '%{http_code}\\n' --unix-socket \${DOCKER_HOST#unix://} -X POST \\
  http://x/v1.41/containers/$n/stop
docker rm $n
`,
    expected: `N
N
N
304
N
`,
  },
  {
    title: "stops by the container's signal, then by force",
    script: `
docker run -d --name $n --stop-signal USR1 busybox sh -c 'trap "exit 9" USR1; while :
do sleep 0.05; done' >/dev/null; sleep 0.5
docker stop -t 5 $n; docker inspect -f '{{.State.ExitCode}}' $n; docker rm $n
docker run -d --name $n busybox sh -c 'trap "" TERM; while :; do sleep 0.05
done' >/dev/null; sleep 0.5
docker stop -t 1 $n; docker inspect -f '{{.State.ExitCode}}' $n; docker rm $n
`,
    expected: `N
9
N
N
137
N
`,
  },
  {
    title: "kills with any signal",
    script: `
docker run -d --name $n busybox sh -c 'trap "echo hup" HUP; trap "exit 4" INT; while :
do sleep 0.05; done' >/dev/null; sleep 0.5
docker kill -s HUP $n; sleep 0.5; docker kill -s 2 $n; docker wait $n; docker logs $n
docker kill $n 2>&1 | grep -o 'is not running'
docker kill -s NOPE $n 2>&1 | grep -ioc 'invalid signal: NOPE'; docker rm $n
docker run -d --name $n busybox sleep 100 >/dev/null; docker kill $n; docker wait $n
docker rm $n
`,
    expected: `N
N
4
hup
is not running
1
N
N
137
N
`,
  },
  {
    title: "pauses and unpauses",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null; docker pause $n
docker inspect -f '{{.State.Status}} {{.State.Paused}} {{.State.Running}}' $n
docker pause $n 2>&1 | grep -o 'is already paused'
docker exec $n true 2>&1 | grep -io 'is paused, unpause the container before exec'
docker unpause $n; docker unpause $n 2>&1 | grep -o 'is not paused'
docker inspect -f '{{.State.Status}}' $n; docker pause $n; docker stop -t 1 $n; docker rm $n
`,
    expected: `N
paused true true
is already paused
is paused, unpause the container before exec
N
is not paused
running
N
N
N
`,
  },
  {
    title: "restarts",
    script: `
docker run -d --name $n busybox sh -c 'echo up; sleep 100' >/dev/null
a=$(docker inspect -f '{{.State.Pid}}' $n); docker restart -t 0 $n
b=$(docker inspect -f '{{.State.Pid}}' $n)
test $a != $b && echo other process; docker logs $n; docker stop -t 0 $n; docker restart $n
docker inspect -f '{{.State.Status}}' $n; docker rm -f $n
`,
    expected: `N
other process
up
up
N
N
running
N
`,
  },
  {
    title: "restarts by policy, and stops when told",
    script: `
docker run -d --name $n --restart on-failure:2 busybox sh -c 'echo try; exit 5' >/dev/null
docker wait $n; sleep 1
docker inspect -f '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' $n
docker logs $n; docker rm $n
docker run -d --name $n --restart always busybox sh -c 'sleep 0.2' >/dev/null; sleep 2
docker stop -t 0 $n; c=$(docker inspect -f '{{.RestartCount}}' $n)
test $c -gt 0 && echo restarted; sleep 1; docker inspect -f '{{.State.Status}}' $n
docker rm $n
docker run -d --name $n --restart on-failure busybox true >/dev/null; docker wait $n
docker inspect -f '{{.RestartCount}}' $n; docker rm $n
`,
    expected: `5
2 exited 5
try
try
try
N
N
restarted
exited
N
0
0
N
`,
  },
  {
    title: "removes by force, refuses a running one",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null
docker rm $n 2>&1 | grep -o 'cannot remove\\|You cannot remove' | grep -o 'cannot remove'
docker rm -f $n; docker rm $n 2>&1 | grep -o 'No such container'
docker rm -f nope-$n 2>&1 | grep -o 'No such container'
`,
    expected: `cannot remove
N
No such container
No such container
`,
  },
  {
    title: "renames",
    script: `
docker create --name $n-a busybox >/dev/null; docker create --name $n-b busybox >/dev/null
docker rename $n-a $n-c; docker inspect -f '{{.Name}}' $n-c
docker rename $n-b $n-c 2>&1 | grep -o 'is already in use'
docker rename $n-b $n-b 2>&1 | grep -o 'same name as its current name'
docker inspect $n-a >/dev/null 2>&1; echo $?; docker rm $n-b $n-c
`,
    expected: `/N-c
is already in use
same name as its current name
1
N-b
N-c
`,
  },
  {
    title: "waits for conditions",
    script: `
docker run -d --name $n busybox sh -c 'sleep 0.5; exit 6' >/dev/null
w() { curl -s --unix-socket \${DOCKER_HOST#unix://} -X POST \\
  "http://x/v1.41/containers/$n/wait?condition=$1" | grep -o 'StatusCode":[0-9]*'
}
w not-running; w not-running; (sleep 0.5; docker start $n >/dev/null) & w next-exit; wait
(sleep 0.5; docker rm -f $n >/dev/null) & w removed; wait
docker wait nope-$n 2>&1 | grep -o 'No such container'
`,
    expected: `StatusCode":6
StatusCode":6
StatusCode":6
StatusCode":6
No such container
`,
  },
  {
    title: "attaches, with the logs before",
    script: `
docker run -d -i --name $n busybox sh -c 'echo before; read x; echo got $x; sleep 0.3
exit 2' >/dev/null; sleep 0.5
(echo word; sleep 1) | docker attach $n; echo $?; docker logs $n; docker rm $n
docker create --name $n busybox true >/dev/null
docker attach $n 2>&1 | grep -o 'cannot attach to a stopped container'
docker rm $n >/dev/null
`,
    expected: `got word
2
before
got word
N
cannot attach to a stopped container
`,
  },
  {
    title: "prunes what does not run",
    script: `
docker create --name $n-a -l prune=$n busybox >/dev/null
docker run -d --name $n-b -l prune=$n busybox sleep 100 >/dev/null
docker container prune -f --filter label=prune=$n | sed '/^$/d; s/Total.*space/Total space/'
docker ps -a --format '{{.Names}}' --filter label=prune=$n; docker rm -f $n-b
`,
    expected: `Deleted Containers:
<id>
Total space: 0B
N-b
N-b
`,
  },
  {
    title: "checks health",
    script: `
docker run -d --name $n --health-cmd 'test -e /ok' --health-interval 200ms \\
  --health-retries 2 --health-timeout 2s busybox sh -c 'sleep 1.5
touch /ok; sleep 100' >/dev/null
docker inspect -f '{{.State.Health.Status}}' $n; h() { for i in $(seq 60)
do s=$(docker inspect -f '{{.State.Health.Status}}' $n); [ $s = $1 ] && break; sleep 0.1
done; echo $s; }
h unhealthy; docker ps --format '{{.Status}}' --filter name=$n | grep -o '(.*)'; h healthy
docker inspect -f \\
  '{{.State.Health.FailingStreak}} {{(index .State.Health.Log 0).ExitCode}}' $n | cut \\
  -d' ' -f1
docker inspect -f '{{json .Config.Healthcheck}}' $n; docker rm -f $n
docker run -d --name $n --no-healthcheck busybox sleep 100 >/dev/null
docker inspect -f '{{.State.Health}}' $n; docker rm -f $n
`,
    expected: `starting
unhealthy
(unhealthy)
healthy
0
{"Test":["CMD-SHELL","test -e /ok"],"Interval":200000000,"Timeout":2000000000,"Retries":2}
N
<nil>
N
`,
  },
  {
    title: "shares namespaces by id, so that a rename changes nothing",
    script: `
docker run -d --name $n-a --ipc shareable busybox sleep 100 >/dev/null
docker run -d --name $n-b --network container:$n-a --pid container:$n-a --ipc container:$n-a \\
  busybox sleep 100 >/dev/null
docker inspect -f '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' $n-b
docker rename $n-a $n-c; docker restart -t 0 $n-b; docker inspect -f '{{.State.Status}}' $n-b
docker rm -f $n-b $n-c
`,
    expected: `container:<id> container:<id> container:<id>
N-b
running
N-b
N-c
`,
  },
  {
    title: "tells the last exit code between two runs, and ends a wait at each end",
    script: `
docker run -d --name $n --restart always busybox sh -c 'sleep 0.2; exit 7' >/dev/null
timeout 20 docker wait $n; for i in $(seq 100); do
s=$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Running}}' $n)
test "$s" = 'restarting 7 true' && break; sleep 0.05; done; echo $s; docker rm -f $n
`,
    expected: `7
restarting 7 true
N
`,
  },
  {
    title: "takes new limits between two runs, for the next one, and runs nothing in between",
    script: `
docker run -d --name $n --restart always busybox sh -c \
  'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; exit 1' >/dev/null
for i in $(seq 100); do test $(docker inspect -f '{{.RestartCount}}' $n) -ge 4 && break
sleep 0.1; done
for i in $(seq 100); do test $(docker inspect -f '{{.State.Status}}' $n) = restarting && break
sleep 0.02; done
docker exec $n true 2>&1 | grep -o 'is restarting, wait until the container is running'
docker update --pids-limit 77 $n >/dev/null && echo updated
for i in $(seq 100); do docker logs $n 2>&1 | grep -q 77 && break; sleep 0.1; done
docker logs $n 2>&1 | grep 77 | sort -u; docker rm -f $n
`,
    expected: `is restarting, wait until the container is running
updated
77
N
`,
  },
  {
    title: "removes one with --rm when it was stopped, not when it is restarted",
    script: `
docker run -d --name $n --rm busybox sleep 100 >/dev/null; docker restart -t 0 $n
docker inspect -f '{{.State.Status}}' $n; docker stop -t 0 $n
for i in $(seq 50); do docker inspect $n >/dev/null 2>&1 || break; sleep 0.1; done
docker inspect $n 2>&1 >/dev/null | grep -o 'No such object'
docker run -d --name $n --rm busybox sleep 100 >/dev/null
docker update --restart always $n 2>&1 | grep -o 'because AutoRemove is enabled'; docker rm -f $n
`,
    expected: `N
running
N
No such object
because AutoRemove is enabled
N
`,
  },
];
