// The parts of Docker's API that this engine has not, each refused with a sentence instead of a
// bare "page not found".
import { FairleadError } from "../../resources/model/errors.ts";
import type { Route } from "./route.ts";

const SWARM = "this node is not a swarm manager: this engine has no swarm mode";
const BUILD = "this engine does not build images";

const REFUSED: [method: Route["method"], path: string, reason: string][] = [
  ["POST", "/build", BUILD],
  ["POST", "/session", BUILD],
  ["POST", "/commit", "this engine does not make images from containers"],
  ["GET", "/containers/:id/attach/ws", "this engine attaches by an upgraded connection only"],
  ["POST", "/plugins/pull", "this engine has no plugins"],
  ["GET", "/swarm", SWARM],
  ["POST", "/swarm/init", SWARM],
  ["POST", "/swarm/join", SWARM],
  ["GET", "/nodes", SWARM],
  ["GET", "/services", SWARM],
  ["POST", "/services/create", SWARM],
  ["GET", "/tasks", SWARM],
  ["GET", "/secrets", SWARM],
  ["GET", "/configs", SWARM],
];

export function refusedRoutes(): Route[] {
  return REFUSED.map(([method, path, reason]) => ({
    method,
    path,
    handle: async () => {
      // dockerd answers 503 for swarm routes outside a swarm, which clients expect.
      throw new FairleadError(reason === SWARM ? "unavailable" : "unsupported", reason);
    },
  }));
}
