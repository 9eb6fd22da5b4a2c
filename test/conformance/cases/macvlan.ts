// Networks whose containers are stations of their own on the network of a parent interface.
import { spawnSync } from "node:child_process";
import type { Case } from "../case.ts";

const PARENT = `
ip -n $netns link add $n-p type veth peer name $n-q
ip -n $netns link set $n-p up; ip -n $netns link set $n-q up
`;
const GONE = "ip -n $netns link del $n-p\n";

export const macvlanCases: Case[] = [
  {
    title: "gives containers a place on the parent's network, with names, and no host port",
    script: `${PARENT}
docker network create -d macvlan -o parent=$n-p --subnet 10.77.20.0/24 --gateway 10.77.20.254 \\
  --ip-range 10.77.20.16/28 $n >/dev/null
docker network inspect -f '{{.Driver}} {{.Internal}} {{json .Options}} {{json .IPAM.Config}}' $n
docker run -d --name $n-a --network $n --network-alias web -p 28083:80 busybox sh -c \\
  'mkdir /w; echo from a > /w/index.html; httpd -f -p 80 -h /w' >/dev/null
docker run -d --name $n-b --network $n busybox sleep 100 >/dev/null
for name in $n-a web 10.77.20.16; do docker exec $n-b wget -q -O- http://$name/; done
docker exec $n-b ip route | sort
ip -n $netns addr add 10.77.20.1/24 dev $n-q
nsenter --net=/run/netns/$netns wget -q -O- http://10.77.20.16/
nsenter --net=/run/netns/$netns wget -q -T 1 -t 1 -O- http://127.0.0.1:28083/; echo $?
docker inspect -f '{{(index .NetworkSettings.Networks "'$n'").IPAddress}}' $n-a $n-b
docker rm -f $n-a $n-b; docker network rm $n; ${GONE}`,
    expected: `macvlan false {"parent":"N-p"} \
[{"Subnet":"10.77.20.0/24","IPRange":"10.77.20.16/28","Gateway":"10.77.20.254"}]
from a
from a
from a
10.77.20.0/24 dev eth0 scope link  src 10.77.20.17 
default via 10.77.20.254 dev eth0 
from a
4
10.77.20.16
10.77.20.17
N-a
N-b
N
`,
  },
  {
    title: "keeps containers apart in private mode, and takes one parent for one network",
    script: `${PARENT}
docker network create -d macvlan -o parent=$n-p -o macvlan_mode=private --subnet 10.77.21.0/24 \\
  $n >/dev/null
docker run -d --name $n-a --network $n --ip 10.77.21.5 busybox sh -c 'httpd -f -p 80' >/dev/null
docker run --rm --network $n busybox wget -q -T 1 -O- http://10.77.21.5/ >/dev/null 2>&1 \\
  || echo apart
docker network create -d macvlan -o parent=$n-p --subnet 10.77.22.0/24 $n-2 2>&1 | grep -o \\
  'is already using parent interface'
docker network create -d macvlan -o parent=lo $n-2 2>&1 | grep -o 'loopback interface is not.*'
docker network create -d macvlan -o parent=$n-q -o macvlan_mode=zz $n-2 2>&1 | grep -o \\
  'requested macvlan mode.*default'
docker network create -d macvlan -o parent=nope-9 $n-2 >/dev/null 2>&1; echo $?
docker network create -d nope $n-2 2>&1 | grep -o 'plugin "nope" not found'
docker network create -d null $n-2 2>&1 | grep -o 'only one.*allowed'
docker rm -f $n-a; docker network rm $n; ${GONE}`,
    expected: `apart
is already using parent interface
loopback interface is not a valid macvlan parent link
requested macvlan mode 'zz' is not valid, 'bridge' mode is the macvlan driver default
1
plugin "nope" not found
only one instance of "null" network is allowed
N-a
N
`,
  },
  {
    title: "joins and leaves a running container, and has one station with passthru",
    script: `${PARENT}
docker network create -d macvlan -o parent=$n-p -o macvlan_mode=passthru --subnet 10.77.23.0/24 \\
  $n >/dev/null
docker run -d --name $n --network none busybox sleep 100 >/dev/null
docker network disconnect none $n; docker network connect --ip 10.77.23.9 $n $n
docker exec $n ip -o -4 addr show eth0 | grep -o '10[.0-9]*/24'
ip -n $netns -o link show $n-p | grep -o 'link/ether [0-9a-f:]*' > $dir/parent
docker exec $n ip -o link show eth0 | grep -o 'link/ether [0-9a-f:]*' | cmp - $dir/parent
docker network disconnect $n $n; docker exec $n ip -o link | grep -c eth0
docker rm -f $n; docker network rm $n; ${GONE}`,
    expected: "10.77.23.9/24\n0\nN\nN\n",
    onlyOurs: "20.10 gives the parent another address",
  },
  {
    title: "is internal without a parent, where the kernel has dummy interfaces",
    script: `
docker network create -d macvlan $n >$dir/out 2>&1 ||
  { grep -o 'not supported\\|no dummy' $dir/out | sed 's/n.*/none here/'; exit 0; }
docker network inspect -f '{{.Internal}}' $n
docker run -d --name $n --network $n busybox sh -c 'mkdir /w; echo in > /w/index.html
httpd -f -p 80 -h /w' >/dev/null
docker run --rm --network $n busybox sh -c "wget -q -O- http://$n/; ip route | grep -c default"
docker rm -f $n; docker network rm $n; ip -n $netns -o link | grep -c dm-; true
`,
    expected: hasDummies() ? "true\nin\n0\nN\nN\n0\n" : "none here\n",
  },
];

function hasDummies(): boolean {
  const probe = "ip link add fl-probe type dummy && ip link del fl-probe";
  return spawnSync("unshare", ["-n", "sh", "-c", probe], { stdio: "ignore" }).status === 0;
}
