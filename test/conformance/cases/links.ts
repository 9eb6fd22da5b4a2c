// Links between containers: of the default network, and of networks of the user's.
import type { Case } from "../case.ts";

export const linkCases: Case[] = [
  {
    title: "gives a container names of its own for others of a network",
    script: `
docker network create $n >/dev/null; docker network create $n-2 >/dev/null
docker run -d --name $n-db --network $n --network-alias store busybox sleep 60 >/dev/null
docker run -d --name $n-a --network $n --link $n-db:database --link store:shop busybox \\
  sleep 60 >/dev/null
for name in database database.$n shop $n-db; do
docker exec $n-a nslookup $name 2>/dev/null | grep -c "^Name:"; done
docker run --rm --network $n busybox nslookup database. >/dev/null 2>&1; echo $?
docker inspect -f "{{json (index .NetworkSettings.Networks \\"$n\\").Links}}" $n-a
docker exec $n-a env | grep -ci database; docker exec $n-a grep -c database /etc/hosts
docker network connect --link $n-db:late $n-2 $n-a; docker network connect $n-2 $n-db
docker exec $n-a nslookup late 2>/dev/null | grep -c "^Name:"
docker rm -f $n-a $n-db; docker network rm $n $n-2
`,
    expected: `1
1
1
1
1
["N-db:database","store:shop"]
0
0
1
N-a
N-db
N
N-2
`,
  },
  {
    title: "tells a container about those of the default network that it is linked to",
    script: `
docker run -d --name $n-db --hostname store --expose 82 --expose 80-81 --expose 80/udp \
  --expose 9000 -e COLOR=red -e HOME=/x busybox sleep 60 >/dev/null
ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' $n-db)
docker run -d --name $n-a --link $n-db:my-db --link $n-db -e MY_DB_ENV_COLOR=mine busybox \
  sleep 60 >/dev/null; up=$(echo $n | tr a-z A-Z)
docker exec $n-a env | sed "s/$ip/IP/; s/$up/UP/g" | grep -E 'MY_DB|_NAME'
docker exec $n-a grep "^$ip" /etc/hosts | sed "s/$ip/IP/" | sort
docker inspect -f '{{json .HostConfig.Links}}' $n-a | tr , '\n' | tr -d '[]' | sort
docker ps --format '{{.Names}}' --filter name=$n-db --no-trunc | tr , '\n' | sort
docker rename $n-db $n-new; docker inspect -f '{{.Name}}' $n-a/my-db
docker exec $n-a grep -c "^$ip" /etc/hosts; docker rm --link $n-a/$n-db
docker inspect -f '{{json .HostConfig.Links}}' $n-a
docker stop -t 0 $n-new >/dev/null; docker restart -t 0 $n-a 2>&1 | grep -o 'Cannot link.*'
docker run -d --name $n-other busybox sleep 60 >/dev/null
docker start $n-new >/dev/null; docker start $n-a >/dev/null; docker restart -t 0 $n-new >/dev/null
ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' $n-new)
docker exec $n-a grep my-db /etc/hosts | sed "s/$ip/IP/"
docker rm -f $n-new $n-a $n-other
`,
    expected: `MY_DB_PORT=tcp://IP:80
MY_DB_PORT_80_TCP_START=tcp://IP:80
MY_DB_PORT_80_TCP_ADDR=IP
MY_DB_PORT_80_TCP_PROTO=tcp
MY_DB_PORT_80_TCP_PORT_START=80
MY_DB_PORT_80_TCP_END=tcp://IP:82
MY_DB_PORT_80_TCP_PORT_END=82
MY_DB_PORT_80_TCP=tcp://IP:80
MY_DB_PORT_80_TCP_PORT=80
MY_DB_PORT_80_UDP=udp://IP:80
MY_DB_PORT_80_UDP_ADDR=IP
MY_DB_PORT_80_UDP_PORT=80
MY_DB_PORT_80_UDP_PROTO=udp
MY_DB_PORT_81_TCP=tcp://IP:81
MY_DB_PORT_81_TCP_ADDR=IP
MY_DB_PORT_81_TCP_PORT=81
MY_DB_PORT_81_TCP_PROTO=tcp
MY_DB_PORT_82_TCP=tcp://IP:82
MY_DB_PORT_82_TCP_ADDR=IP
MY_DB_PORT_82_TCP_PORT=82
MY_DB_PORT_82_TCP_PROTO=tcp
MY_DB_PORT_9000_TCP=tcp://IP:9000
MY_DB_PORT_9000_TCP_ADDR=IP
MY_DB_PORT_9000_TCP_PORT=9000
MY_DB_PORT_9000_TCP_PROTO=tcp
MY_DB_NAME=/N-a/my-db
MY_DB_ENV_COLOR=mine
UP_DB_NAME=/N-a/N-db
IP	my-db store N-db
IP	N-db store
"/N-db:/N-a/my-db"
"/N-db:/N-a/N-db"
N-a/my-db
N-a/N-db
N-db
/N-new
2
N-a/N-db
["/N-new:/N-a/my-db"]
Cannot link to a non running container: /N-new AS /N-a/my-db
IP	my-db store N-new
N-new
N-a
N-other
`,
    onlyOurs: "the reference here has no default network",
  },
  {
    title: "refuses links that cannot be",
    script: `
t() { docker create "$@" busybox true 2>&1 | sed 's/^Error response from daemon: //'; }
docker run -d --name $n busybox sleep 60 >/dev/null
t --link nope-$n; t --network host --link $n; t --network container:$n --link $n
docker rm -f $n
`,
    expected: `could not get container for nope-N: No such container: nope-N
conflicting options: host type networking can't be used with links. \
This would result in undefined behavior
conflicting options: container type network can't be used with links. \
This would result in undefined behavior
N
`,
  },
];
