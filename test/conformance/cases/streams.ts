// The standard streams of processes.
import type { Case } from "../case.ts";

export const ownStreams: Case = {
  title: "gives stdin, stdout and stderr to the user of the process",
  script: `
both='echo out > /dev/stdout; echo err > /dev/stderr'
for user in 1000 1000:2000 0; do
  docker run --rm -u $user busybox sh -c "$both" 2>$dir/err; cat $dir/err
done
docker run --rm -u 1000 --init busybox sh -c "echo init > /proc/1/fd/1; $both" 2>&1 | sort
echo in | docker run --rm -i -u 1000 busybox cat /dev/stdin
docker run -d --name $n -u 1000 busybox sh -c 'ln -s /dev/stdout /tmp/access.log
echo logged > /tmp/access.log; touch /tmp/done; sleep 100' >/dev/null
until docker exec $n ls /tmp/done >/dev/null 2>&1; do sleep 0.1; done; docker logs $n
docker exec -u 77 $n sh -c "$both" 2>$dir/err; cat $dir/err
docker exec -u 1000 $n sh -c 'echo main > /proc/1/fd/1'; docker logs $n | tail -n 1
echo in | docker exec -i -u 77:88 $n cat /dev/stdin
docker exec -u 77 $n sh -c 'echo x > /proc/1/fd/1' 2>&1 | grep -o 'Permission denied'
docker rm -f $n >/dev/null
`,
  expected: `out
err
out
err
out
err
err
init
out
in
logged
out
err
main
in
Permission denied
`,
};
