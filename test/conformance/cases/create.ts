// Creating a container: what is refused, what is kept.
import type { Case } from "../case.ts";

export const createCases: Case[] = [
  {
    title: "refuses a name that is taken or wrong",
    script: `
docker create --name $n busybox >/dev/null
docker create --name $n busybox 2>&1 | grep -o \\
  'Conflict. The container name "/[a-z0-9A-Z]*" is already in use by container'
docker create --name 'a b' busybox 2>&1 | grep -o \\
  'only \\[a-zA-Z0-9\\]\\[a-zA-Z0-9_.-\\] are allowed'
docker create --name $'x\\e[31m' busybox >/dev/null 2>&1; echo $?
docker rm $n
`,
    expected: `Conflict. The container name "/N" is already in use by container
only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed
1
N
`,
  },
  {
    title: "refuses what contradicts itself",
    script: `
no() { docker create "$@" 2>&1 >/dev/null | sed 's/^Error response from daemon: //'; }
no --restart on-failure:-1 busybox | grep -c .
no -m 1m busybox | grep -o 'Minimum memory limit allowed is 6MB'
no -m 10m --memory-swap 8m busybox | grep -o \\
  'Minimum memoryswap limit should be larger than memory limit'
no --memory-swap 10m busybox | grep -o 'You should always set the Memory limit'
no --cpus 1000 busybox | grep -ioc 'range of CPUs is from 0.01 to'
no --cpuset-cpus 4096 busybox | grep -o 'Requested CPUs are not available'
no -v rel/path:/x busybox | grep -o 'includes invalid characters for a local volume name'
no -v /x:/ busybox | grep -o "destination can't be '/'"
no -v /tmp:/x -v /etc:/x busybox | grep -o 'Duplicate mount point: /x'
no --mount type=bind,src=/no/such/place,dst=/x busybox | grep -o \\
  'bind source path does not exist: /no/such/place'
no --stop-signal NOPE busybox | grep -ioc 'invalid signal: NOPE'
no --log-opt nope=1 busybox | grep -o "unknown log opt 'nope' for json-file log driver"
no --workdir x busybox | grep -o 'needs to be an absolute path'
no --isolation hyperv busybox | grep -c .
`,
    expected: `1
Minimum memory limit allowed is 6MB
Minimum memoryswap limit should be larger than memory limit
You should always set the Memory limit
1
Requested CPUs are not available
includes invalid characters for a local volume name
destination can't be '/'
Duplicate mount point: /x
bind source path does not exist: /no/such/place
1
unknown log opt 'nope' for json-file log driver
needs to be an absolute path
1
`,
  },
  {
    title: "warns of ports that the host's network makes useless",
    script: `
docker create --name $n --network host -p 8080:80 busybox 2>&1 >/dev/null |
  grep -o 'Published ports are discarded.*'
docker inspect -f '{{json .HostConfig.PortBindings}}' $n
docker rm $n >/dev/null
`,
    expected: `Published ports are discarded when using host network mode
{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}
`,
  },
  {
    title: "tells that the image is missing",
    script: `
docker create --pull never nope/image:9 2>&1 | grep -o 'No such image: nope/image:9'
`,
    expected: `No such image: nope/image:9
`,
  },
  {
    title: "keeps what was asked for",
    script: `
docker create --name $n -e A=1 -l a=b -l c= --hostname box -p 127.0.0.1:18080:80 -p 53/udp \\
  --expose 99 --restart on-failure:3 --stop-timeout 3 --stop-signal USR1 -m 64m --cpus 0.5 \\
  --pids-limit 10 -u 5 -w /w --entrypoint /bin/sh busybox -c 'exit 0' >/dev/null
i() { docker inspect -f "$1" $n; }
i '{{.Path}} {{json .Args}} {{.Config.User}} {{.Config.WorkingDir}}'
i '{{json .Config.Labels}} {{.Config.Hostname}} {{json .Config.Entrypoint}} {{json .Config.Cmd}}'
i '{{json .HostConfig.RestartPolicy}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}'
i '{{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}'
i '{{.Config.StopSignal}} {{.Config.StopTimeout}}'
i '{{json .HostConfig.PortBindings}}'
i '{{json .Config.ExposedPorts}} {{json .NetworkSettings.Ports}}'
i '{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.State.Pid}} {{.State.StartedAt}}'
i '{{.RestartCount}} {{.Name}} {{.Config.Image}} {{.HostConfig.LogConfig.Type}}'
i '{{index .Config.Env 0}} {{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}}'
docker rm $n
`,
    expected: `/bin/sh ["-c","exit 0"] 5 /w
{"a":"b","c":""} box ["/bin/sh"] ["-c","exit 0"]
{"Name":"on-failure","MaximumRetryCount":3} 67108864 134217728
500000000 10
USR1 3
{"53/udp":[{"HostIp":"","HostPort":""}],"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"18080"}]}
{"53/udp":{},"80/tcp":{},"99/tcp":{}} {}
created false 0 0 <time>
0 /N busybox json-file
A=1 67108864 private
N
`,
  },
  {
    title: "takes JSON of the right shape only",
    onlyOurs: "20.10 answers 500 to JSON of a wrong shape",
    script: `
post() { curl -s -o $dir/out -w '%{http_code}\\n' --unix-socket \${DOCKER_HOST#unix://} -H \\
  'Content-Type: application/json' -d "$2" "http://x/v1.41$1"
}
post /containers/create '{"Image":"busybox","Cmd":["true"],"Tty":"yes"}'
post /containers/create '[]'
post /containers/create '{"Image":'
post /containers/create '{"Image":"busybox","Env":"A=1"}'
post /containers/create '{"Image":"nope:1","Cmd":["true"]}'
post /containers/create '{"Image":"busybox","HostConfig":{"Memory":"lots"}}'
post /containers/nope/start ''
post /nope ''
curl -s --unix-socket \${DOCKER_HOST#unix://} http://x/nope
curl -s --unix-socket \${DOCKER_HOST#unix://} -X POST -H 'Content-Type: text/plain' -d \\
  '{}' -o /dev/null -w '%{http_code}\\n' http://x/v1.41/containers/create
`,
    expected: `400
400
400
400
404
400
404
404
{"message":"page not found"}
400
`,
  },
  {
    title: "reads JSON as Go does, and passes over what it does not know",
    script: `
post() { curl -s -o $dir/out -w '%{http_code}\\n' --unix-socket \${DOCKER_HOST#unix://} -H \\
  'Content-Type: application/json' -d "$2" "http://x/v1.41$1"
}
post "/containers/create?name=$n-a" '{"image":"busybox","cmd":["true"],"hostconfig":{"nanocpus":
  500000000},"labels":{"Some":null}}'
docker inspect -f '{{.HostConfig.NanoCpus}} {{.Config.Cmd}} {{json .Config.Labels}}' $n-a
post "/containers/create?name=$n-b" '{"Image":"busybox","name":"x","platform":"y",
  "PortSpecs":["a"],"Odd":{"a":1},"HostConfig":{"NewThing":true,"Memory":0},"Memory":67108864,
  "Privileged":true}'
docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.Privileged}}' $n-b
post "/containers/create?name=$n-c" '{"Image":"busybox","Privileged":true,"Cpuset":"0"}'
docker inspect -f '{{.HostConfig.Privileged}} {{.HostConfig.CpusetCpus}}' $n-c
post /containers/create '{"Image":"busybox","image":"nope"}'
post /containers/create '{"Image":"busybox","Runtime":"nope"}'
post /containers/create '{"Image":"busybox","NetworkingConfig":{"EndpointsConfig":{"none":null}}}'
grep -o 'no EndpointSettings for none' $dir/out
post /containers/create '{"HostConfig":{}}'; grep -o 'Config cannot be empty' $dir/out
post "/volumes/create" '{"name":"'$n'","labels":{"A":"b"},"more":1}'
docker volume inspect -f '{{json .Labels}}' $n
docker start $n-a >/dev/null; docker wait $n-a
docker rm $n-a $n-b $n-c >/dev/null; docker volume rm $n
`,
    expected: `201
500000000 [true] {"Some":""}
201
67108864 false
201
true 0
404
400
400
no EndpointSettings for none
400
Config cannot be empty
201
{"A":"b"}
0
N
`,
  },
  {
    title: "takes any name of a host that the kernel takes",
    script: `
for name in my_host -x a.b.c x; do docker run --rm --network none --hostname $name busybox \\
  cat /etc/hostname; done
`,
    expected: `my_host
-x
a.b.c
x
`,
  },
  {
    title: "refuses settings that no container can have, in the words that clients look for",
    script: `
create() { curl -s -w ' %{http_code}\\n' --unix-socket \${DOCKER_HOST#unix://} -H \\
  'Content-Type: application/json' -d "{\\"Image\\":\\"busybox\\",$1}" \\
  http://x/v1.41/containers/create
}
for name in '' = =foo; do create '"Env":["'$name'"]'; done
create '"Healthcheck":{"Interval":-1}'; create '"Healthcheck":{"Timeout":500000}'
create '"Healthcheck":{"Retries":-1}'; create '"Healthcheck":{"StartPeriod":1}'
create '"HostConfig":{"VolumesFrom":["none-such"]}'
docker create busybox:sha256:$(printf '0%.0s' $(seq 64)) 2>&1 | grep -o 'invalid reference format'
`,
    expected: `{"message":"invalid environment variable: "}
 400
{"message":"invalid environment variable: ="}
 400
{"message":"invalid environment variable: =foo"}
 400
{"message":"Interval in Healthcheck cannot be less than 1ms"}
 400
{"message":"Timeout in Healthcheck cannot be less than 1ms"}
 400
{"message":"Retries in Healthcheck cannot be negative"}
 400
{"message":"StartPeriod in Healthcheck cannot be less than 1ms"}
 400
{"message":"No such container: none-such"}
 400
invalid reference format
`,
  },
  {
    title: "keeps variables without a value, which take away what others set",
    script: `
docker image inspect -f '{{.Config.Env}}' app:1
create() { curl -s --unix-socket \${DOCKER_HOST#unix://} -H 'Content-Type: application/json' \\
  -d '{"Image":"app:1","Env":["'$1'"],"Entrypoint":[],"Cmd":["/bin/env"]}' \\
  "http://x/v1.41/containers/create?name=$n" >/dev/null
}
for name in NOPE COLOR PATH; do create $name; docker inspect -f '{{.Config.Env}}' $n
docker start -a $n | grep -c 'NOPE\\|COLOR\\|PATH'; docker rm $n >/dev/null; done
`,
    expected: `[PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin COLOR=blue]
[NOPE PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin COLOR=blue]
2
[COLOR PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin]
1
[PATH COLOR=blue]
1
`,
  },
  {
    title: "takes runc for its own runtime, by each of its names",
    script: `
for name in runc io.containerd.runc.v2; do docker run --rm --runtime $name busybox echo $name; done
docker create --name $n --runtime runc busybox >/dev/null
docker inspect -f '{{.HostConfig.Runtime}}' $n; docker rm $n
docker create --runtime nope busybox >/dev/null 2>&1; echo $?
`,
    expected: `runc
io.containerd.runc.v2
runc
N
1
`,
  },
  {
    title: "gives a client of an old API the defaults of its time",
    script: `
create() { curl -s -o $dir/out -w '%{http_code} ' --unix-socket \${DOCKER_HOST#unix://} -H \\
  'Content-Type: application/json' -d '{"Image":"busybox","HostConfig":{"AutoRemove":true}}' \\
  "http://x/v$1/containers/create?name=$n"
  docker inspect -f '{{.HostConfig.IpcMode}} {{.HostConfig.AutoRemove}}' $n; docker rm $n >/dev/null
}
create 1.24; create 1.39; create 1.40; create 1.41
`,
    expected: `201 shareable false
201 shareable true
201 private true
201 private true
`,
  },
];
