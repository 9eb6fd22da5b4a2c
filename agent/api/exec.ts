// The routes of execs.
import type { ContainerParts } from "../objects/container/state/parts.ts";
import {
  checkStart,
  createExec,
  inspectExec,
  requireExec,
  resizeExec,
  startAttached,
  startDetached,
} from "../objects/exec/exec.ts";
import { readExecBody, readExecStartBody } from "./container-body.ts";
import { readSize, streamType } from "./container-streams.ts";
import type { Call, Reply, Route } from "./route.ts";

export function execRoutes(parts: ContainerParts): Route[] {
  return [
    { method: "POST", path: "/containers/:id/exec", handle: (call) => create(call, parts) },
    { method: "POST", path: "/exec/:id/start", handle: (call) => start(call, parts) },
    { method: "POST", path: "/exec/:id/resize", handle: (call) => resize(call, parts) },
    {
      method: "GET",
      path: "/exec/:id/json",
      handle: async (call) => ({
        body: await inspectExec(requireExec(call.params.id ?? "", parts)),
      }),
    },
  ];
}

async function create(call: Call, parts: ContainerParts): Promise<Reply> {
  const config = readExecBody(await call.json());
  if (call.apiVersion < 1.42) delete config.ConsoleSize;
  const container = parts.containers.require(call.params.id ?? "");
  return { status: 201, body: { Id: createExec(container, config, parts).id } };
}

async function start(call: Call, parts: ContainerParts): Promise<Reply | undefined> {
  const { Detach, Tty, ConsoleSize } = readExecStartBody(await call.json());
  const target = requireExec(call.params.id ?? "", parts);
  checkStart(target);
  const options = {
    tty: Tty === true,
    consoleSize: call.apiVersion < 1.42 ? undefined : (ConsoleSize ?? undefined),
  };
  if (Detach) {
    await startDetached(target, options, parts);
    return { status: 200 };
  }
  const client = await call.hijack(streamType(options.tty, call.apiVersion));
  await startAttached(target, client, options, parts);
  return undefined;
}

async function resize(call: Call, parts: ContainerParts): Promise<Reply> {
  const { rows, columns } = readSize(call.query);
  await resizeExec(requireExec(call.params.id ?? "", parts), rows, columns);
  return { status: 200 };
}
