// Flags of the commands of networks, volumes, images and the system that no other case needs.
import type { Case } from "../case.ts";

export const objectFlagCases: Case[] = [
  {
    title: "takes the flags of networks",
    script: `
docker network create -d bridge --attachable --internal --label a=$n --subnet 10.99.0.0/24 \\
  --gateway 10.99.0.1 --ip-range 10.99.0.128/25 --aux-address x=10.99.0.5 \\
  --ipam-driver default --scope local $n >/dev/null
docker network inspect -v -f '{{.Attachable}} {{.Internal}} {{json .Labels}} {{.Scope}}
{{json .IPAM.Config}}' $n
docker network ls --filter label=a=$n --format '{{.Name}} {{.Driver}} {{.Scope}}'
docker network ls -q --no-trunc --filter name=$n; docker network rm $n; docker network rm -f $n
docker network create --ingress $n 2>&1 | grep -c 'Error response'
docker network create --ipv6 --subnet fd00:99::/64 $n >/dev/null
docker network inspect -f '{{.EnableIPv6}}' $n
docker run -d --name $n --network none busybox sleep 99 >/dev/null
docker network disconnect none $n
docker network connect --ip6 fd00:99::7 $n $n
docker inspect -f "{{with index .NetworkSettings.Networks \\"$n\\"}}{{json .IPAMConfig}} \\
{{.GlobalIPv6Address}}{{end}}" $n
docker network disconnect -f $n $n; docker rm -f $n; docker network rm $n
`,
    expected: `true true {"a":"N"} local
[{"Subnet":"10.99.0.0/24","IPRange":"10.99.0.128/25","Gateway":"10.99.0.1",\
"AuxiliaryAddresses":{"x":"10.99.0.5"}}]
N bridge local
<id>
N
1
true
{"IPv6Address":"fd00:99::7"} fd00:99::7
N
N
`,
  },
  {
    title: "takes the flags of volumes",
    script: `
docker volume create -d local --label a=$n $n
docker volume ls -f label=a=$n --format '{{.Name}} {{.Driver}}'; docker volume rm -f $n $n-nope
docker volume prune -f --filter label=nope
`,
    expected: `N
N local
N
N-nope
Total reclaimed space: 0B
`,
  },
  {
    title: "takes the flags of images",
    script: `
docker image ls -a --no-trunc --filter reference='busy*' --format '{{.Repository}}:{{.Tag}}'
docker image ls --digests busybox | grep -o DIGEST; docker image ls -q busybox | wc -l
docker image history -H --no-trunc -q busybox | wc -l
docker image save -o $dir/s.tar busybox; docker image load -q -i $dir/s.tar
mkdir $dir/r; echo x >$dir/r/f; tar -C $dir/r -cf $dir/r.tar .
docker image import -c 'CMD ["x"]' -m hello $dir/r.tar $n:1 >/dev/null
docker inspect -f '{{.Config.Cmd}} {{.Comment}}' $n:1; docker image rm --no-prune $n:1 | head -1
docker image prune -a -f --filter label=nope
docker image pull -q --platform linux/amd64 --disable-content-trust 127.0.0.1:1/x 2>&1 |
  grep -ic refused
docker image pull -a 127.0.0.1:1/x 2>&1 | grep -ic refused
`,
    expected: `busybox:latest
DIGEST
1
1
Loaded image: busybox:latest
[x] hello
Untagged: N:1
Total reclaimed space: 0B
1
1
`,
  },
  {
    title: "takes the flags of the system's commands",
    script: `
docker run -d --name $n busybox sleep 99 >/dev/null; docker ps -l --format '{{.Names}}'
docker rm -f $n; docker system df -v | grep -c 'space usage'
docker system prune -a -f --volumes --filter label=nope | tail -1
`,
    expected: `N
N
3
Total reclaimed space: 0B
`,
  },
];
