// Further processes in a running container.
import type { Case } from "../case.ts";

export const execCases: Case[] = [
  {
    title: "runs a command, its output apart, and gives its exit code",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null; docker exec $n sh -c 'echo out
echo err >&2; exit 4' 2>$dir/e; echo $?; cat $dir/e
docker exec $n /etc/passwd >/dev/null 2>&1; echo $?; docker rm -f $n
`,
    expected: `out
4
err
126
N
`,
  },
  {
    title: "passes stdin, environment, folder, user and a terminal",
    script: `
docker run -d --name $n -e A=1 -w /tmp app:1 'sleep 100' >/dev/null
echo in | docker exec -i $n cat; head -c 200000 /dev/zero | docker exec -i $n wc -c
docker exec -e B=2 $n sh -c 'echo $A $B $COLOR $HOME'; docker exec $n pwd
docker exec -w /etc $n pwd; docker exec $n id -u; docker exec -u 0 $n id
docker exec -u daemon $n id 2>&1 | grep -c 'unable to find user daemon'
docker exec -t $n sh -c 'tty; echo $TERM' | tr -d '\\r'
docker exec -t -e TERM=x $n sh -c 'echo $TERM' | tr -d '\\r'; docker rm -f $n
`,
    expected: `in
200000
1 2 blue /www
/tmp
/etc
1000
uid=0(root) gid=0(root) groups=0(root)
1
/dev/pts/0
xterm
x
N
`,
  },
  {
    title: "detaches",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null
docker exec -d $n sh -c 'while [ ! -e /go ]; do sleep 0.1; done; echo done > /tmp/x'
docker exec $n ls /tmp
docker exec $n touch /go
for i in $(seq 50); do docker exec $n cat /tmp/x 2>/dev/null && break; sleep 0.1; done
docker rm -f $n
`,
    expected: `done
N
`,
  },
  {
    title: "runs privileged when asked",
    onlyOurs: "runc fails on a host without CAP_SYS_RESOURCE, as the one of these tests may be",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null
docker exec $n grep CapEff /proc/self/status
docker exec --privileged $n sh -c \\
  'test $(grep CapEff /proc/self/status | cut -f2) != 00000000a80425fb && echo more'
docker rm -f $n
`,
    expected: `CapEff:	00000000a80425fb
more
N
`,
  },
  {
    title: "needs a running container",
    script: `
docker create --name $n busybox >/dev/null
docker exec $n true 2>&1 | grep -o 'is not running'; docker rm $n
docker exec $n true 2>&1 | grep -o 'No such container'
`,
    expected: `is not running
N
No such container
`,
  },
  {
    title: "answers as an API",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null
api() { curl -s --unix-socket \${DOCKER_HOST#unix://} -H 'Content-Type: application/json' \\
  "http://x/v1.41$@"
}
id=$(api /containers/$n/exec -d '{"Cmd":["sh","-c","exit 8"],"AttachStdout":true}' | grep \\
  -o '[0-9a-f]\\{64\\}')
api /exec/$id/json | grep -o '"Running":[a-z]*,"ExitCode":[a-z0-9]*'
api /exec/$id/start -d '{"Detach":true}'; sleep 0.5
api /exec/$id/json | grep -o '"Running":[a-z]*,"ExitCode":[a-z0-9]*'
api /exec/nope/json -o /dev/null -w '%{http_code}\\n'
api /containers/$n/exec -d '{"Cmd":[]}' -o /dev/null -w '%{http_code}\\n'; docker rm -f $n
`,
    expected: `"Running":false,"ExitCode":null
"Running":false,"ExitCode":8
404
400
N
`,
  },
  {
    title: "ends with its container",
    script: `
docker run -d --name $n busybox sleep 1 >/dev/null; docker exec $n sleep 100; echo $?
docker rm -f $n
`,
    expected: `137
N
`,
  },
  {
    title: "frames what the start asks for, whatever terminal the exec has",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null
api() { curl -s --unix-socket \${DOCKER_HOST#unix://} -H 'Content-Type: application/json' \\
  -d "$2" http://x/v1.41$1
}
for tty in true false; do for start in true false; do
  id=$(api /containers/$n/exec '{"AttachStdout":true,"Tty":'$tty',"Cmd":["echo","hi"]}' | grep -o \\
    '[0-9a-f]\\{64\\}')
  echo $tty $start; api /exec/$id/start '{"Tty":'$start'}' | od -An -c
done; done; docker rm -f $n
`,
    expected: `true true
   h   i  \\r  \\n
true false
 001  \\0  \\0  \\0  \\0  \\0  \\0 004   h   i  \\r  \\n
false true
   h   i  \\n
false false
 001  \\0  \\0  \\0  \\0  \\0  \\0 003   h   i  \\n
N
`,
  },
];
