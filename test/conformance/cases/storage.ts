// What every storage driver must show to clients.
import type { Case } from "../case.ts";

export function storageCases(name: string): Case[] {
  return [
    {
      title: "tells which it is, and why",
      script: `
docker info -f '{{.Driver}} {{index .DriverStatus 0}}'; docker create --name $n busybox >/dev/null
docker inspect -f '{{.Driver}} {{.GraphDriver.Name}}' $n; docker rm $n
`,
      expected: `${name} [Chosen because asked for with --storage]\n${name} ${name}\nN\n`,
    },
    {
      title: "keeps what one container writes from the others, and over a restart",
      script: `
docker run -d --name $n busybox sh -c 'echo 1 >> /etc/passwd; tail -n 1 /etc/passwd; sleep 100'
docker run --rm busybox tail -n 1 /etc/passwd | grep -c '^1$'
docker restart -t 0 $n >/dev/null; docker exec $n grep -c '^1$' /etc/passwd
docker diff $n | grep -v -E '^A /(dev|proc|sys)'; docker rm -f $n
`,
      expected: "<id>\n0\n2\nC /etc\nC /etc/passwd\nN\n",
    },
  ];
}
