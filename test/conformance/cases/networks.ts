// Networks, names, addresses and ports.
import type { Case } from "../case.ts";

export const networkCases: Case[] = [
  {
    title: "lets containers of a network find each other by name and alias",
    script: `
docker network create $n >/dev/null
docker run -d --name $n-a --network $n --network-alias web --hostname box busybox sh -c \\
  'mkdir /w
echo page > /w/index.html; httpd -f -p 80 -h /w' >/dev/null; sleep 0.5
for name in $n-a web $n-a.$n web.$n; do
docker run --rm --network $n busybox wget -q -O- http://$name/
done; docker run --rm --network $n busybox cat /etc/resolv.conf | grep nameserver
docker run --rm --network none busybox sh -c 'ip -o link | wc -l'
docker network inspect -f \\
  '{{range .Containers}}{{.Name}}{{end}} {{.Driver}} {{.Scope}} {{.Internal}}' $n
docker network rm $n 2>&1 | grep -o 'has active endpoints\\|is in use by' | head -1 | sed \\
  's/is in use by/has active endpoints/'
docker rm -f $n-a; docker network rm $n
`,
    expected: `page
page
page
page
nameserver 127.0.0.11
1
N-a bridge local false
has active endpoints
N-a
N
`,
  },
  {
    title: "leaves port 53 to a container's own server, and resolves names in it all the same",
    script: `
docker network create $n >/dev/null
docker run -d --name $n-a --network $n busybox sh -c 'mkdir /w; echo page > /w/index.html
httpd -f -p 53 -h /w' >/dev/null; sleep 0.5
docker run --rm --network $n busybox wget -q -O- http://$n-a:53/
docker exec $n-a wget -q -O- http://localhost:53/
docker run --rm --network container:$n-a busybox sh -c "nslookup $n-a | grep -c Name:
wget -q -O- http://$n-a:53/; cat /etc/resolv.conf | grep nameserver"
docker run --rm --network host busybox grep -c 127.0.0.11 /etc/resolv.conf
docker restart -t 0 $n-a >/dev/null; sleep 0.5
docker exec $n-a wget -q -O- http://$n-a:53/; docker rm -f $n-a; docker network rm $n
`,
    expected: `page
page
1
page
nameserver 127.0.0.11
0
page
N-a
N
`,
  },
  {
    title: "connects and disconnects a running container",
    script: `
docker network create $n-1 >/dev/null
docker network create --subnet 10.77.3.0/24 $n-2 >/dev/null
docker run -d --name $n --network $n-1 busybox sleep 100 >/dev/null
docker network connect --ip 10.77.3.9 --alias other $n-2 $n
docker exec $n sh -c 'ip -o -4 addr | wc -l
ip -o -4 addr show dev eth1 | awk "{print \\$4}"'; i() { docker inspect -f "$1" $n; }
i '{{len .NetworkSettings.Networks}}'
i "{{(index .NetworkSettings.Networks \\"$n-2\\").IPAddress}}" 
docker network connect $n-2 $n 2>&1 | grep -o 'already exists in network'
docker network disconnect $n-2 $n; docker exec $n sh -c 'ip -o -4 addr | wc -l'
docker network disconnect $n-2 $n 2>&1 | grep -o 'is not connected to'
docker restart -t 0 $n >/dev/null; docker inspect -f '{{len .NetworkSettings.Networks}}' $n
docker rm -f $n; docker network rm $n-1 $n-2
`,
    expected: `3
10.77.3.9/24
2
10.77.3.9
already exists in network
2
is not connected to
1
N
N-1
N-2
`,
  },
  {
    title: "gives fixed addresses, and refuses them where it cannot",
    script: `
docker network create --subnet 10.77.4.0/24 $n >/dev/null
docker run --rm --network $n --ip 10.77.4.44 busybox sh -c \\
  'ip -o -4 addr show dev eth0 | awk "{print \\$4}"
ip route | grep -c default; hostname -i'
docker run --rm --network none --ip 10.77.4.44 busybox true 2>&1 | grep -o \\
  'supported on user defined networks only'
docker run --rm --network $n --ip 10.99.0.1 busybox true >/dev/null 2>&1; echo $?
docker network rm $n
docker run --rm --network nope-$n busybox true 2>&1 | grep -o 'network nope-.* not found'
docker rm -f $(docker ps -aq --filter network=nope-$n) >/dev/null 2>&1; true
`,
    expected: `10.77.4.44/24
1
10.77.4.44
supported on user defined networks only
125
N
network nope-N not found
`,
  },
  {
    title: "publishes ports",
    script: `
docker network create $n >/dev/null
docker run -d --name $n --network $n -p 127.0.0.1:28080:80 busybox sh -c 'mkdir /w
echo page > /w/index.html; httpd -f -p 80 -h /w' >/dev/null; sleep 0.5; docker port $n
docker run --rm --network host busybox wget -q -O- http://127.0.0.1:28080/
docker ps --format '{{.Ports}}' --filter name=$n
docker ps -q --filter publish=28080 | wc -l
docker run -d --name $n-b --network $n -p 127.0.0.1:28080:80 busybox sleep 9 >/dev/null 2>&1
echo $?; docker inspect -f '{{.State.Status}}' $n-b; docker rm -f $n $n-b
docker run -d --name $n --network $n -p 28080:80 busybox sleep 9 >/dev/null; docker port $n
docker ps --format '{{.Ports}}' --filter name=$n; docker rm -f $n
docker network rm $n
`,
    expected: `80/tcp -> 127.0.0.1:28080
page
127.0.0.1:28080->80/tcp
1
125
created
N
N-b
80/tcp -> 0.0.0.0:28080
80/tcp -> [::]:28080
0.0.0.0:28080->80/tcp, [::]:28080->80/tcp
N
N
`,
  },
  {
    title: "puts back what a firewall tool has flushed, at the latest when a plan looks",
    script: `
docker network create $n >/dev/null
docker run -d --name $n --network $n -p 127.0.0.1:28084:80 busybox sh -c 'mkdir /w
echo page > /w/index.html; httpd -f -p 80 -h /w' >/dev/null; sleep 0.5
nsenter --net=/run/netns/$netns nft flush ruleset
curl -s --unix-socket \${DOCKER_HOST#unix://} -H 'content-type: application/json' -d '{}' \\
  http://h/fairlead/observe -o /dev/null -w '%{http_code}\\n'
docker run --rm --network host busybox wget -q -O- http://127.0.0.1:28084/
docker rm -f $n; docker network rm $n
`,
    expected: "200\npage\nN\nN\n",
    onlyOurs: "it has neither plans nor repairs",
  },
];
