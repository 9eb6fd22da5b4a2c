// Binds, volumes and tmpfs.
import type { Case } from "../case.ts";

export const mountCases: Case[] = [
  {
    title: "binds folders and files, also read-only",
    script: `
mkdir $dir/d; echo hi > $dir/d/f; docker run --rm -v $dir/d:/m busybox sh -c 'cat /m/f
echo new > /m/g'; cat $dir/d/g
docker run --rm -v $dir/d:/m:ro busybox touch /m/x 2>&1 | grep -o 'Read-only file system'
docker run --rm -v $dir/d/f:/one busybox cat /one
docker run --rm -v $dir/made/here:/m busybox true; ls -d $dir/made/here | sed "s|$dir||"
docker run --rm --mount type=bind,src=$dir/d,dst=/m,readonly busybox touch /m/x 2>&1 | \\
  grep -o 'Read-only file system'
`,
    expected: `hi
new
Read-only file system
hi
/made/here
Read-only file system
`,
  },
  {
    title: "keeps volumes from run to run",
    script: `
docker volume create $n >/dev/null
docker run --rm -v $n:/v busybox sh -c 'echo kept > /v/x'
docker run --rm -v $n:/w:ro busybox cat /w/x
docker run --rm --mount src=$n,dst=/v busybox cat /v/x
docker run -d --name $n-c -v $n:/v busybox sleep 100 >/dev/null
docker volume rm $n 2>&1 | grep -o 'volume is in use'; docker rm -f $n-c
docker volume rm $n
docker run --rm -v $n-new:/v busybox true; docker volume ls -q --filter name=$n-new
docker volume rm $n-new
`,
    expected: `kept
kept
volume is in use
N-c
N
N-new
N-new
`,
  },
  {
    title: "fills a new volume from the image",
    script: `
docker run --rm -v $n:/etc busybox true; docker run --rm -v $n:/v busybox ls /v/passwd
docker run --rm -v $n-b:/etc:nocopy busybox ls -A /etc | grep -v -E \\
  'hosts|hostname|resolv.conf'
docker volume rm $n $n-b
`,
    expected: `/v/passwd
N
N-b
`,
  },
  {
    title: "makes and removes anonymous volumes",
    script: `
docker run --name $n -v /anon busybox sh -c 'echo 1 > /anon/x'
v=$(docker inspect -f '{{(index .Mounts 0).Name}}' $n); echo $v
docker inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}} {{.Driver}}{{end}}' \\
  $n
docker rm $n; docker volume inspect -f '{{.Name}}' $v; docker volume rm $v
docker run --name $n -v /anon busybox true
v=$(docker inspect -f '{{(index .Mounts 0).Name}}' $n); docker rm -v $n
docker volume inspect $v >/dev/null 2>&1; echo $?
`,
    expected: `<id>
volume /anon true local
N
<id>
<id>
N
1
`,
  },
  {
    title: "mounts tmpfs",
    script: `
docker run --rm --tmpfs /t:size=1m,mode=700 busybox sh -c \\
  'df -k /t | tail -1 | tr -s " " | cut -d" " -f2
stat -c %a /t; grep " /t " /proc/mounts | cut -d" " -f3'
docker run --rm --mount type=tmpfs,dst=/t,tmpfs-size=2097152,tmpfs-mode=1770 busybox sh -c \\
  'df -k /t | tail -1 | tr -s " " | cut -d" " -f2
stat -c %a /t'; docker run --rm --tmpfs /t:nope busybox true >/dev/null 2>&1; echo $?
`,
    expected: `1024
700
tmpfs
2048
1770
125
`,
  },
  {
    title: "tells of a tmpfs where Docker does",
    script: `
docker create --name $n --tmpfs /a/ --mount type=tmpfs,dst=/b busybox >/dev/null
docker inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}} {{.HostConfig.Tmpfs}}' $n
docker ps -a --filter name=$n --format '{{.Mounts}}|'; docker rm $n
`,
    expected: `tmpfs /b map[/a/:]
|
N
`,
  },
  {
    title: "gives a tmpfs the mode of the folder that it covers",
    script: `
docker run --rm --tmpfs /root --tmpfs /t --mount type=tmpfs,dst=/var busybox stat -c %a /root \
  /t /var
`,
    expected: `755
1777
755
`,
    notWith: {
      runtimes: ["crun", "lxc"],
      why: "it leaves the mode to the kernel, which lets everybody write",
    },
  },
  {
    title: "takes the volumes of another container",
    script: `
docker create --name $n -v $n-v:/a -v $dir:/b busybox >/dev/null
docker run --rm --volumes-from $n busybox sh -c 'touch /a/1 /b/2; ls -d /a/1 /b/2'
docker run --rm --volumes-from $n:ro busybox touch /a/3 2>&1 | grep -o \\
  'Read-only file system'
docker rm $n; docker volume rm $n-v
`,
    expected: `/a/1
/b/2
Read-only file system
N
N-v
`,
  },
  {
    title: "passes mounts on by propagation",
    script: `
docker run --rm -v /:/host:ro,rslave busybox true 2>&1 | grep -cE \\
  "it is not a shared or slave mount|mount propagation rslave with the runtime lxc"
docker run --rm -v $dir:/p busybox sh -c \\
  'grep " /p " /proc/self/mountinfo | grep -c -E "shared|master"'
docker create --name $n -v $dir:/p:rw,rprivate busybox >/dev/null 2>&1
docker inspect -f '{{range .Mounts}}{{.Mode}} {{.RW}} {{.Propagation}}{{end}}' $n
docker rm $n
`,
    expected: `1
0
rw,rprivate true rprivate
N
`,
  },
];
