// What a container may ask that is given the read-only socket: the state of things, no content of
// containers or images, and nothing that makes the host do something. A closed list: a new route is
// not on it. It is a server of its own and no proxy, so there is nothing to be smuggled past it.
import { FairleadError } from "../../resources/model/errors.ts";
import type { Call, Route } from "./route.ts";

const READS: ReadonlySet<string> = new Set([
  ...["/_ping", "/version", "/info", "/events", "/system/df", "/plugins"],
  ...["/containers/json", "/containers/:id/json", "/containers/:id/logs"],
  ...["/containers/:id/stats", "/containers/:id/top", "/containers/:id/changes"],
  ...["/exec/:id/json", "/images/json"],
  ...["/networks", "/networks/:id", "/volumes", "/volumes/:name"],
  // Answered as by an engine outside of a swarm, which readers such as Traefik ask for.
  ...["/swarm", "/services", "/services/:id", "/tasks", "/tasks/:id", "/nodes", "/nodes/:id"],
]);
/** Names of images have slashes, so the route is for all that is asked of them. */
const IMAGES = "/images/*";
const OF_IMAGE = /\/(json|history)$/;

/** Those of the agent's routes that only read. */
export function readOnlyRoutes(routes: readonly Route[]): Route[] {
  return routes.flatMap((route) => {
    if (route.method !== "GET" && route.method !== "HEAD") return [];
    if (READS.has(route.path)) return [route];
    return route.path === IMAGES ? [{ ...route, handle: ofImage(route.handle) }] : [];
  });
}

/** Everything else is refused, whether there is such a route or not. */
export function refuseToAct(method = "", path = ""): FairleadError {
  return new FairleadError("forbidden", `this socket is for reading: no ${method} ${path}`, {
    hint: "leave out x-fairlead.socket at the service to give its container the engine itself",
  });
}

function ofImage(handle: Route["handle"]): Route["handle"] {
  return (call: Call) => {
    const path = `/images/${call.params["*"] ?? ""}`;
    if (!OF_IMAGE.test(path)) throw refuseToAct("GET", path.slice(0, 200));
    return handle(call);
  };
}
