// The engine as a whole: versions, facts, and what it has not.
import type { Case } from "../case.ts";

const ROUTES = `GET /swarm
POST /swarm/leave
POST /swarm/update?version=1
GET /swarm/unlockkey
POST /swarm/unlock
GET /services
GET /services/x
POST /services/create
POST /services/x/update?version=1
DELETE /services/x
GET /services/x/logs?stdout=1
GET /nodes
GET /nodes/x
DELETE /nodes/x
POST /nodes/x/update?version=1
GET /tasks
GET /tasks/x
GET /tasks/x/logs?stdout=1
GET /secrets
POST /secrets/create
DELETE /secrets/x
GET /secrets/x
POST /secrets/x/update?version=1
GET /configs
POST /configs/create
GET /configs/x
DELETE /configs/x
POST /configs/x/update?version=1
GET /plugins/x/json
GET /plugins/a/b:c/json
DELETE /plugins/x
POST /plugins/x/enable?timeout=0
POST /plugins/x/disable
POST /plugins/x/push
GET /containers/x/checkpoints
POST /containers/x/checkpoints
DELETE /containers/x/checkpoints/y`;

export const systemCases: Case[] = [
  {
    title: "answers for swarms, plugins and checkpoints that there are none",
    script: `
echo '${ROUTES}' | while read -r method path; do
  curl -s -m 10 -o $dir/out -w "$method $path %{http_code} " -X $method --unix-socket \\
    \${DOCKER_HOST#unix://} -H 'Content-Type: application/json' -d '{}' "http://x/v1.41$path"
  cut -c 13-48 $dir/out
done
docker swarm leave 2>&1; docker node ls 2>&1 | cut -c 1-67; docker plugin ls
`,
    expected: `${ROUTES.split("\n")
      .map((route) => `${route} ${answerTo(route)}\n`)
      .join("")}Error response from daemon: This node is not part of a swarm
Error response from daemon: This node is not a swarm manager. Use "
ID        NAME      DESCRIPTION   ENABLED
`,
  },
];

function answerTo(route: string): string {
  const plugin = /\/plugins\/(.*?)(\/(json|enable|disable|push).*)?$/.exec(route)?.[1];
  if (plugin !== undefined) return `404 plugin \\"${plugin}\\" not found"}`;
  if (route.endsWith("/leave")) return '503 This node is not part of a swarm"}';
  if (route.includes("checkpoints")) return "501 This experimental feature is disable";
  return "503 This node is not a swarm manager. Us";
}
