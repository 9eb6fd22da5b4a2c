// Files in and out of a container.
import type { Case } from "../case.ts";

export const archiveCases: Case[] = [
  {
    title: "copies in and out of a running container",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null; echo hi > $dir/f; chmod 640 $dir/f
mkdir -p $dir/t/sub; echo 1 > $dir/t/sub/x; ln -s sub/x $dir/t/link
docker cp -q $dir/f $n:/tmp/ 2>/dev/null || docker cp $dir/f $n:/tmp/
docker cp $dir/f $n:/tmp/g >/dev/null 2>&1; docker cp $dir/t $n:/tmp/ >/dev/null 2>&1
docker cp $dir/t/. $n:/srv2 2>/dev/null; echo $?; docker exec $n mkdir /srv
docker cp $dir/t/. $n:/srv >/dev/null 2>&1; docker exec $n sh -c 'cd /tmp
find . /srv | sort; stat -c %a f; readlink t/link'
docker cp $n:/tmp/t $dir/back >/dev/null 2>&1; (cd $dir/back; find . | sort)
docker cp $n:/tmp/f - | tar t; docker cp $n:/tmp/t/. - | tar t | sort
docker cp -L $n:/tmp/t/link $dir/l 2>/dev/null; cat $dir/l
docker cp $n:/nope $dir >/dev/null 2>&1; echo $?; docker rm -f $n
`,
    expected: `0
.
./f
./g
./t
./t/link
./t/sub
./t/sub/x
/srv
/srv/link
/srv/sub
/srv/sub/x
640
sub/x
.
./link
./sub
./sub/x
f
./
./link
./sub/
./sub/x
1
1
N
`,
  },
  {
    title: "copies in and out of one that does not run, volumes included",
    script: `
docker create --name $n -v $n-v:/data -v $dir:/b:ro busybox cat /data/f /etc/f >/dev/null
echo hi > $dir/f; docker cp $dir/f $n:/data/f >/dev/null 2>&1
docker cp $dir/f $n:/etc/f >/dev/null 2>&1; docker cp $n:/data/f - | tar xO
docker cp $n:/etc/passwd - | tar t
docker cp $dir/f $n:/b/g 2>&1 | grep -o 'marked read-only'; docker start -a $n; docker rm $n
docker volume rm $n-v
`,
    expected: `hi
passwd
marked read-only
hi
hi
N
N-v
`,
  },
  {
    title: "follows no link out of the container",
    script: `
echo secret > $dir/secret; docker run -d --name $n busybox sleep 100 >/dev/null
docker exec $n sh -c "ln -s $dir /out; ln -s / /top; ln -s ../../../../.. /up
ln -s loop /loop"
docker cp $n:/out/secret - >/dev/null 2>&1; echo $?
docker cp $n:/top/etc/passwd - | tar t; docker cp $n:/up/etc/passwd - | tar t
echo x > $dir/x; docker cp $dir/x $n:/out/ >/dev/null 2>&1; ls $dir | sort
docker cp $n:/loop/x - 2>&1 | grep -c . ; docker rm -f $n
`,
    expected: `1
passwd
passwd
secret
x
1
N
`,
  },
  {
    title: "exports a tree and tells what changed",
    script: `
docker run --name $n busybox sh -c 'echo 1 > /new; rm /etc/group; echo x >> /etc/passwd
mkdir /d; touch /d/e'; docker diff $n | sort
docker export $n | tar t | grep -E '^(new|etc/group|etc/passwd|d/e)$' | sort; docker rm $n
`,
    expected: `A /d
A /d/e
A /new
C /etc
C /etc/passwd
D /etc/group
d/e
etc/passwd
new
N
`,
  },
  {
    title: "respects a read-only root",
    script: `
docker create --name $n --read-only busybox >/dev/null; echo 1 > $dir/f
docker cp $dir/f $n:/tmp/ 2>&1 | grep -o 'container rootfs is marked read-only'
docker rm $n
`,
    expected: `container rootfs is marked read-only
N
`,
  },
  {
    title: "takes a file for no directory, whatever the path ends in",
    script: `
docker run -d --name $n busybox sh -c 'mkdir /dir; echo kept > /file; ln -s /file /link; ln -s \\
  /dir /dirlink; ln -s /nope /dangling; sleep 100' >/dev/null; sleep 0.5; echo new > $dir/new
for path in /file/ /link/ /nope/; do docker cp $dir/new $n:$path 2>&1 | grep -o 'no such dir.*'
done
docker cp $dir/new $n:/nope/x 2>&1 | grep -o 'find the file /nope in container [a-z0-9]*'
docker exec $n cat /file
for path in /file/ /file/. /link/; do docker cp $n:$path $dir/out 2>&1 | grep -o 'not a directory'
done
docker cp $dir/new $n:/dirlink/ 2>/dev/null; docker cp $dir/new $n:/dangling 2>/dev/null
docker exec $n sh -c 'ls /dir; cat /nope'
stat() { curl -s -I -G --data-urlencode "path=$1" --unix-socket \${DOCKER_HOST#unix://} \\
  http://x/v1.41/containers/$n/archive | tr -d '\\r' | sed -n 's/^.*-Path-Stat: //p' | base64 -d \\
  | sed 's/"mtime[^,]*,//; s/"size[^,]*,//'; echo
}
for path in /dir /dir/ /dir/. / . dir/.. /dir/none/../../file /link /dirlink/; do stat $path; done
docker rm -f $n
`,
    expected: `no such directory
no such directory
no such directory
find the file /nope in container N
kept
not a directory
not a directory
not a directory
new
new
{"name":"dir","mode":2147484141,"linkTarget":""}
{"name":"dir","mode":2147484141,"linkTarget":""}
{"name":".","mode":2147484141,"linkTarget":""}
{"name":"/","mode":2147484141,"linkTarget":""}
{"name":".","mode":2147484141,"linkTarget":""}
{"name":"/","mode":2147484141,"linkTarget":""}
{"name":"file","mode":420,"linkTarget":""}
{"name":"link","mode":134218239,"linkTarget":"/file"}
{"name":"dirlink","mode":2147484141,"linkTarget":""}
N
`,
  },
  {
    title: "keeps owners in an archive copy to a container without a user",
    script: `
docker run -d --name $n busybox sleep 100 >/dev/null; echo x > $dir/file; chown 77:88 $dir/file
docker cp -q -a $dir/file $n:/kept; docker cp -q $dir/file $n:/plain
docker exec $n stat -c %u:%g /kept /plain; docker rm -f $n
`,
    expected: `77:88
77:88
N
`,
  },
  {
    title: "makes an image of what a container changed",
    script: `
docker run --name $n-a app:1 'mkdir -p /tmp/d; echo hi > /tmp/d/f; ln -s f /tmp/d/l' 2>/dev/null
docker run --name $n-b -v /vol busybox \\
  sh -c 'rm /bin/uname; ln /bin/busybox /bin/hard; mkfifo /fifo; chmod 4755 /fifo'
docker commit -m message -a author -c 'ENV A=b' -c 'CMD ["ls"]' $n-a $n:1
docker commit $n-b $n:2 >/dev/null
docker image inspect -f '{{.Comment}} {{.Author}} {{json .Config.Cmd}} {{json .Config.Entrypoint}}
{{.Config.User}} {{json .Config.Volumes}} {{len .RootFS.Layers}}' $n:1 $n:2
docker history --format '{{.CreatedBy}} {{.Comment}}' $n:1 | head -1 | cut -c 1-15
docker run --rm --entrypoint sh $n:1 -c 'cat /tmp/d/l; stat -c %u /tmp/d/f; echo $A'
docker run --rm $n:2 sh -c 'test -e /bin/uname || echo gone; ls -l /bin/hard /fifo | cut -c 1-10'
docker run -d --name $n-c busybox sleep 100 >/dev/null; docker commit $n-c $n:3 >/dev/null
docker image inspect -f '{{len .RootFS.Layers}}' $n:3; docker inspect -f '{{.State.Status}}' $n-c
docker commit none-such 2>&1 | grep -o 'No such container'
docker rm -fv $n-a $n-b $n-c >/dev/null; docker rmi $n:1 $n:2 $n:3 | grep -c Untagged
`,
    expected: `sha256:<id>
message author ["ls"] ["/bin/sh","-c"]
1000:1000 {"/data":{}} 2
  ["sh","-c","rm /bin/uname; ln /bin/busybox /bin/hard; mkfifo /fifo; chmod 4755 /fifo"] null
 {"/vol":{}} 2
mkdir -p /tmp/d
hi
1000
b
gone
-rwxr-xr-x
prwsr-xr-x
1
running
No such container
3
`,
  },
];
