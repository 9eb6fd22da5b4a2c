// The parts of Docker's API that this engine has not: each is answered as a dockerd answers that is
// not in a swarm, has no plugins and no experimental features, instead of by "page not found".
import { type ErrorCode, FairleadError } from "../../resources/model/errors.ts";
import type { Call, Route } from "./route.ts";

type Refusal = readonly [code: ErrorCode, message: string | ((call: Call) => string)];

const NO_MANAGER: Refusal = [
  "unavailable",
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect ' +
    "this node to swarm and try again.",
];
const NO_MEMBER: Refusal = ["unavailable", "This node is not part of a swarm"];
const NO_SWARM: Refusal = ["unsupported", "this engine has no swarm mode"];
const NO_PLUGIN: Refusal = [
  "not_found",
  ({ params }) => {
    const name = (params["*"] ?? "").replace(/\/(json|enable|disable|push|set|upgrade)$/, "");
    return `plugin ${JSON.stringify(name)} not found`;
  },
];
const NO_PLUGINS: Refusal = ["unsupported", "this engine has no plugins"];
const NO_BUILDKIT: Refusal = [
  "unsupported",
  "this engine builds in Docker's classic way: set DOCKER_BUILDKIT=0",
];
const NO_CHECKPOINTS: Refusal = [
  "unsupported",
  "This experimental feature is disabled by default. This engine has no checkpoints.",
];

const REFUSED: [refusal: Refusal, method: Route["method"], ...paths: string[]][] = [
  [NO_SWARM, "POST", "/swarm/init", "/swarm/join"],
  [NO_MEMBER, "POST", "/swarm/leave"],
  [NO_MANAGER, "GET", "/swarm", "/swarm/unlockkey"],
  [NO_MANAGER, "POST", "/swarm/update", "/swarm/unlock"],
  [NO_MANAGER, "GET", "/services", "/services/:id", "/services/:id/logs"],
  [NO_MANAGER, "POST", "/services/create", "/services/:id/update"],
  [NO_MANAGER, "DELETE", "/services/:id"],
  [NO_MANAGER, "GET", "/tasks", "/tasks/:id", "/tasks/:id/logs"],
  [NO_MANAGER, "GET", "/nodes", "/nodes/:id"],
  [NO_MANAGER, "POST", "/nodes/:id/update"],
  [NO_MANAGER, "DELETE", "/nodes/:id"],
  [NO_MANAGER, "GET", "/secrets", "/secrets/:id", "/configs", "/configs/:id"],
  [NO_MANAGER, "POST", "/secrets/create", "/secrets/:id/update"],
  [NO_MANAGER, "POST", "/configs/create", "/configs/:id/update"],
  [NO_MANAGER, "DELETE", "/secrets/:id", "/configs/:id"],
  [NO_PLUGINS, "GET", "/plugins/privileges"],
  [NO_PLUGINS, "POST", "/plugins/pull", "/plugins/create"],
  [NO_PLUGIN, "GET", "/plugins/*"],
  [NO_PLUGIN, "DELETE", "/plugins/*"],
  [NO_PLUGIN, "POST", "/plugins/*"],
  [NO_CHECKPOINTS, "GET", "/containers/:id/checkpoints"],
  [NO_CHECKPOINTS, "POST", "/containers/:id/checkpoints"],
  [NO_CHECKPOINTS, "DELETE", "/containers/:id/checkpoints/:checkpoint"],
  [NO_BUILDKIT, "POST", "/build/cancel", "/session", "/grpc"],
];

export function refusedRoutes(): Route[] {
  return REFUSED.flatMap(([[code, message], method, ...paths]) =>
    paths.map((path) => ({
      method,
      path,
      handle: async (call) => {
        throw new FairleadError(code, typeof message === "string" ? message : message(call));
      },
    })),
  );
}
