// The routes that stop and restart containers: on the connection as Docker does, or, for a client
// that prefers it (RFC 7240), by themselves, with one request that waits for many.
import { FairleadError } from "../../resources/model/errors.ts";
import { type BegunAnswer, type EndedAnswer, endedRequest } from "../../resources/wire.ts";
import { PendingWork } from "../objects/container/run/pending.ts";
import {
  restartContainer,
  type StopOptions,
  stopContainer,
} from "../objects/container/run/stop.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import { decode } from "./json.ts";
import type { Call, Reply, Route } from "./route.ts";

/** So long a request waits for the first that ends. */
const WAIT_MS = 500;

export function stoppingRoutes(parts: ContainerParts): Route[] {
  const pending = new PendingWork();
  const verbs = { stop: stopContainer, restart: restartContainer };
  const routes = Object.entries(verbs).map(([verb, work]): Route => {
    const handle = async (call: Call): Promise<Reply> => {
      const container = parts.containers.require(call.params.id ?? "");
      const options = stopOptions(call);
      if (!prefersAsync(call)) {
        await work(container, options, parts);
        return { status: 204 };
      }
      const id = pending.begin(() => work(container, options, parts));
      const body: BegunAnswer = { pending: id };
      return { status: 202, headers: { "Preference-Applied": ASYNC }, body };
    };
    return { method: "POST", path: `/containers/:id/${verb}`, handle };
  });
  const ended: Route = {
    method: "POST",
    path: "/fairlead/ended",
    handle: async (call) => {
      const { pending: ids } = decode(endedRequest, await call.json());
      const ended = await pending.ended(ids, WAIT_MS, call.signal);
      return { body: { ended } satisfies EndedAnswer };
    },
  };
  return [...routes, ended];
}

const ASYNC = "respond-async";

function prefersAsync({ request }: Call): boolean {
  const preferences = [request.headers.prefer ?? ""].flat().join(",").split(/[,;]/);
  return preferences.some((one) => one.trim().toLowerCase() === ASYNC);
}

function stopOptions({ query }: Call): StopOptions {
  const timeout = query.get("t");
  if (timeout !== null && timeout !== "" && !/^-?\d{1,9}$/.test(timeout)) {
    throw new FairleadError("invalid", `t: ${JSON.stringify(timeout)} is not a number of seconds`);
  }
  return {
    signal: query.get("signal") || undefined,
    timeoutS: timeout ? Number(timeout) : undefined,
  };
}
