// What a container printed, and when.
import type { Case } from "../case.ts";

export const logCases: Case[] = [
  {
    title: "follows a log that is rotated with one file, from its first line to its last",
    script: `
docker run -d --name $n --log-opt max-size=1k busybox sh -c \
  'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; usleep 30000; done' >/dev/null
docker logs -f $n | sort -u | wc -l; docker rm -f $n
`,
    expected: `60
N
`,
  },
  {
    title: "gives all, the last lines, one stream",
    script: `
docker run --name $n busybox sh -c 'for i in 1 2 3 4 5; do echo $i; done; sleep 0.2
echo e >&2' >/dev/null 2>&1; docker logs $n 2>/dev/null; docker logs $n 2>&1 >/dev/null
docker logs --tail 6 $n 2>/dev/null | tail -1; docker logs --tail 0 $n
docker logs $n 2>/dev/null | wc -l; docker logs -t $n 2>/dev/null | head -1; docker rm $n
`,
    expected: `1
2
3
4
5
e
5
5
<time> 1
N
`,
  },
  {
    title: "follows until the end",
    script: `
docker run -d --name $n busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.3
done' >/dev/null; docker logs -f $n; docker logs -f $n; docker rm $n
`,
    expected: `1
2
3
1
2
3
N
`,
  },
  {
    title: "selects by time",
    script: `
docker run -d --name $n busybox sh -c 'echo early; sleep 2; echo late' >/dev/null
docker wait $n; t=$(docker inspect -f '{{.State.StartedAt}}' $n | cut -c1-19)Z
docker logs --until 1s $n; docker logs --since 1h $n
mid=$(docker logs -t $n | tail -1 | cut -d' ' -f1); docker logs --since $mid $n
docker rm $n
`,
    expected: `0
early
early
late
late
N
`,
  },
  {
    title: "keeps long lines and raw bytes",
    script: `
docker run --name $n busybox sh -c "head -c 40000 /dev/zero | tr '\\0' x; echo
printf 'no newline'" >/dev/null; docker logs $n | wc -c; docker logs $n | tail -1; echo
docker logs --tail 1 $n; echo; docker rm $n
`,
    expected: `40011
no newline
no newline
N
`,
  },
  {
    title: "rotates and reads across the files",
    script: `
docker run --name $n --log-opt max-size=2k --log-opt max-file=3 busybox sh -c \\
  'for i in $(seq 100)
do echo line number $i; done' >/dev/null; docker logs $n | tail -1; docker logs --tail 3 $n
test $(docker logs $n | wc -l) -lt 100 && echo cut; docker rm $n
`,
    expected: `line number 100
line number 98
line number 99
line number 100
cut
N
`,
  },
  {
    title: "keeps none when told",
    script: `
docker run --name $n --log-driver none busybox echo hi
docker logs $n 2>&1 | grep -o 'configured logging driver does not support reading'
docker rm $n
`,
    expected: `hi
configured logging driver does not support reading
N
`,
  },
  {
    title: "answers for a driver that sends lines away",
    script: `
docker run --name $n --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:5514 \
  busybox sh -c 'echo one; echo; printf end' >/dev/null
docker logs $n; echo; docker logs --details --tail 1 $n; echo
docker inspect $n --format '{{json .LogPath}} {{json .HostConfig.LogConfig}}'; docker rm $n
docker run --name $n --log-driver syslog --log-opt syslog-address=udp://127.0.0.1:5514 \
  --log-opt cache-disabled=true busybox echo one
docker logs $n 2>&1 | grep -o 'configured logging driver does not support reading'
docker rm $n
`,
    expected: `one

end
 end
"" {"Type":"syslog","Config":{"syslog-address":"udp://127.0.0.1:5514"}}
N
one
configured logging driver does not support reading
N
`,
  },
  {
    title: "tells what labels, env and tag put beside a line",
    script: `
docker run --name $n --log-opt labels=zone --log-opt env-regex='^CO' --log-opt tag='{{.Name}}' \
  -l zone='a b=&' -e COLOR=red,x busybox echo one >/dev/null
docker logs --details $n; cut -d, -f 2-7 $(docker inspect $n --format '{{.LogPath}}'); docker rm $n
`,
    expected: `COLOR=red%2Cx,tag=N,zone=a+b%3D%26 one
"stream":"stdout","attrs":{"COLOR":"red,x","tag":"N","zone":"a b=\\u0026"},"time":"<time>"}
N
`,
  },
  {
    title: "of the driver local is kept",
    script: `
docker run --name $n --log-driver local --log-opt max-size=1m busybox echo one >/dev/null
docker logs $n; docker inspect $n --format '{{json .LogPath}}'; docker rm $n
`,
    expected: `one
""
N
`,
  },
  {
    title: "has what a terminal printed",
    script: `
docker run -t --name $n busybox sh -c 'echo a; echo b >&2' >/dev/null
docker logs $n 2>/dev/null | tr -d '\\r'; docker rm $n
`,
    expected: `a
b
N
`,
  },
];
