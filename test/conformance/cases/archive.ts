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
];
