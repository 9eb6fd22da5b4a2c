// Lists, events, and what the engine tells about itself.
import type { Case } from "../case.ts";

export const listCases: Case[] = [
  {
    title: "shows containers by filters",
    script: `
docker create --name $n-a -l k=1 -l z busybox >/dev/null
docker run --name $n-b -l k=2 app:1 'exit 3' 
docker run -d --name $n-c -l k=1 busybox sleep 100 >/dev/null
ls_() { docker ps -a --format '{{.Names}}' --filter name=$n "$@" | sort | tr '\\n' ' '; echo
}
ls_; ls_ --filter status=running; ls_ --filter status=exited; ls_ --filter status=created
ls_ --filter exited=3; ls_ --filter label=k; ls_ --filter label=k=1
ls_ --filter label=k=1 --filter label=z
ls_ --filter ancestor=app:1; ls_ --filter ancestor=busybox; ls_ --filter since=$n-a
ls_ --filter before=$n-c; ls_ --filter id=$(docker inspect -f '{{.Id}}' $n-b)
ls_ --filter health=none; ls_ --filter name=^/$n-a$; ls_ --filter expose=80
ls_ --filter volume=/data; ls_ --filter is-task=false
docker ps --format '{{.Names}}' --filter name=$n; docker ps -a -n 1 --format '{{.Names}}'
docker ps -a --filter status=nope 2>&1 | grep -ioc "invalid filter 'status=nope'"
docker ps --filter nope=1 2>&1 | grep -o "nvalid filter 'nope'"
docker rm -fv $n-a $n-b $n-c
`,
    expected: `N-a N-b N-c 
N-c 
N-b 
N-a 
N-b 
N-a N-b N-c 
N-a N-c 
N-a 
N-b 
N-a N-c 
N-b N-c 
N-a N-b 
N-b 
N-a N-b N-c 
N-a N-b N-c 

N-b 
N-a N-b N-c 
N-c
N-c
1
nvalid filter 'nope'
N-a
N-b
N-c
`,
  },
  {
    title: "words status and command as people know them",
    script: `
docker run --name $n busybox sh -c 'exit 3'
docker ps -a --no-trunc --filter name=$n --format \\
  '{{.Image}}|{{.Command}}|{{.Status}}|{{.Ports}}|{{.State}}|{{.Mounts}}|{{.Networks}}' | \\
  sed 's/) .*ago/) ago/'
docker rm $n
`,
    expected: `busybox|"sh -c 'exit 3'"|Exited (3) ago||exited||bridge
N
`,
  },
  {
    title: "finds by name, id and the beginning of an id",
    script: `
id=$(docker create --name $n busybox); for r in $id \${id:0:12} \${id:0:20} $n /$n
do docker inspect -f '{{.Name}}' $r; done; docker inspect ffffffffffff >/dev/null 2>&1
echo $?; docker rm $n
`,
    expected: `/N
/N
/N
/N
/N
1
N
`,
  },
  {
    title: "shows processes",
    script: `
docker run -d --name $n busybox sh -c 'sleep 100 & sleep 200' >/dev/null; sleep 0.3
docker top $n | awk 'NR>1{print $8,$9,$10,$11,$12,$13}' | sort
docker top $n -o pid,comm | head -1 | tr -s ' '; docker rm -f $n
docker top $n 2>&1 | grep -o 'No such container'
`,
    expected: `sleep 100    
sleep 200    
PID COMMAND
N
No such container
`,
  },
  {
    title: "shows use of resources",
    script: `
docker run -d --name $n -m 64m busybox sleep 100 >/dev/null
docker stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' $n | sed \\
  's/ .* \\/ / used of /'
docker rm -f $n
`,
    expected: `N used of 64MiB 1
N
`,
  },
  {
    title: "tells what happened",
    script: `
s=$(date +%s); docker run --rm --name $n -l a=b --network none busybox true
docker run -d --name $n-x --network none busybox sleep 100 >/dev/null; docker exec $n-x true
docker pause $n-x >/dev/null; docker unpause $n-x >/dev/null; docker rename $n-x $n-y
docker kill $n-y >/dev/null; docker rm $n-y >/dev/null; sleep 0.2
docker events --since $s --until $(($(date +%s)+1)) --filter type=container --format \\
  '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.image}}' | grep "$n" | sed \\
  's/  */ /'
docker events --since $s --until $(date +%s) --filter container=$n --filter event=die \\
  --filter image=busybox --format '{{.Actor.Attributes.exitCode}} {{.Actor.Attributes.a}}'
`,
    expected: `create N busybox
attach N busybox
start N busybox
die N busybox
destroy N busybox
create N-x busybox
start N-x busybox
exec_create: true  N-x busybox
exec_start: true  N-x busybox
exec_die N-x busybox
pause N-x busybox
unpause N-x busybox
rename N-y busybox
kill N-y busybox
die N-y busybox
destroy N-y busybox
0 b
137 <no value>
`,
  },
  {
    title: "counts what there is",
    script: `
docker info --format '{{.OSType}} {{.LoggingDriver}} {{.Swarm.LocalNodeState}} {{.NCPU}}' \\
  | sed "s/ $(nproc)\\$/ cpus/"
docker version --format '{{.Server.Os}} {{.Server.Arch}}'
curl -s -i --unix-socket \${DOCKER_HOST#unix://} http://x/_ping | tr -d '\\r' | grep -iE \\
  '^(HTTP|OSType|Docker-Exp|OK|Content-Type)' | sort
curl -sI --unix-socket \${DOCKER_HOST#unix://} http://x/_ping | head -1
docker system df --format '{{.Type}}'
docker system prune -f --filter label=nothing=here
`,
    expected: `linux json-file inactive cpus
linux amd64
Content-Type: text/plain; charset=utf-8
Docker-Experimental: false
HTTP/1.1 200 OK
OK
Ostype: linux
HTTP/1.1 200 OK
Images
Containers
Local Volumes
Build Cache
Total reclaimed space: 0B
`,
  },
  {
    title: "shows sizes with the image and without",
    script: `
docker run -d --name $n busybox sh -c 'head -c 300000 /dev/zero > /x; sleep 100' >/dev/null
sleep 0.5; docker ps -s --format '{{.Size}}' --filter name=$n
image=$(docker image inspect -f '{{.Size}}' busybox)
docker inspect -s -f '{{.SizeRw}} {{.SizeRootFs}}' $n | while read -r rw root; do
test $((root - rw)) = $image && test $rw -ge 300000 && echo fits; done; docker rm -f $n
docker volume create -o type=tmpfs -o device=tmpfs $n; curl -s -X POST --unix-socket \\
  \${DOCKER_HOST#unix://} "http://x/v1.41/volumes/prune" | grep -c 'Reclaimed":[0-9]'
`,
    expected: `300kB (virtual 2.28MB)
fits
N
N
1
`,
  },
  {
    title: "tells mounts, top, a stop that came to force, and clean-ups",
    script: `
since=$(date +%s.%N); docker volume create $n >/dev/null
docker run -d --name $n --network none -v $n:/v:ro busybox sh -c 'trap "" TERM; while :
do sleep 0.1; done' >/dev/null; docker top $n >/dev/null; sleep 0.5
docker stop -t 1 $n >/dev/null; docker rm $n >/dev/null; docker volume rm $n >/dev/null
docker container prune -f --filter label=$n >/dev/null
docker network prune -f --filter label=$n >/dev/null; sleep 0.3
docker events --since $since --until $(date +%s.%N) --format \\
  '{{.Type}} {{.Action}} {{json .Actor.Attributes}}' | sort -u | sed \\
  's/"execDuration":"[0-9]*",//; s/,"propagation":""//'
`,
    expected: `container create {"image":"busybox","name":"N"}
container destroy {"image":"busybox","name":"N"}
container die {"exitCode":"137","image":"busybox","name":"N"}
container kill {"image":"busybox","name":"N","signal":"15"}
container kill {"image":"busybox","name":"N","signal":"9"}
container prune {"reclaimed":"0"}
container start {"image":"busybox","name":"N"}
container stop {"image":"busybox","name":"N"}
container top {"image":"busybox","name":"N"}
network connect {"container":"<id>","name":"none","type":"null"}
network disconnect {"container":"<id>","name":"none","type":"null"}
network prune {"reclaimed":"0"}
volume create {"driver":"local"}
volume destroy {"driver":"local"}
volume mount {"container":"<id>","destination":"/v","driver":"local","read/write":"false"}
volume unmount {"container":"<id>","driver":"local"}
`,
  },
  {
    title: "tells of each probe of a health check as of an exec",
    script: `
since=$(date +%s.%N)
docker run -d --name $n --health-cmd 'exit 3' --health-interval 300ms busybox sleep 99 >/dev/null
until [ "$(docker inspect -f '{{.State.Health.FailingStreak}}' $n)" -ge 1 ]; do sleep 0.2; done
docker events --since $since --until $(date +%s.%N) --filter container=$n --format \\
  '{{.Action}} {{.Actor.Attributes.exitCode}}' | grep exec | head -3
docker rm -f $n
`,
    expected: `exec_create: /bin/sh -c exit 3 <no value>
exec_start: /bin/sh -c exit 3 <no value>
exec_die 3
N
`,
  },
  {
    title: "tells an image's labels with what becomes of it",
    script: `
since=$(date +%s.%N)
docker run --name $n busybox touch /x; docker commit -c 'LABEL team=x' $n $n:1 >/dev/null
docker tag $n:1 $n:2; docker rmi $n:1 $n:2 >/dev/null
docker events --since $since --until $(date +%s.%N) --filter type=image --format \\
  '{{.Action}} {{.Actor.Attributes.team}}' | sort
docker events --since $since --until $(date +%s.%N) --filter event=commit --format \\
  '{{.Actor.Attributes.imageRef}}'
docker rm $n
`,
    expected: `delete <no value>
tag x
tag x
untag x
untag x
N:1
N
`,
  },
];
