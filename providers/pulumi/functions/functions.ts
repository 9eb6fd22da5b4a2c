// The functions of the package: they look at hosts and change nothing.

import { FairleadError } from "../../../resources/model/errors.ts";
import { signalWithin } from "../../engine/deadline.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { printable } from "../../engine/report/printable.ts";
import { factsOf } from "../../engine/single/definition.ts";
import { observeObject } from "../../engine/single/object.ts";
import { urlOf } from "../resource/apply-object.ts";
import { connectionFailures } from "../resource/check-object.ts";
import type { Failure } from "../resource/failure.ts";
import type { Session } from "../resource/type.ts";
import { FUNCTIONS } from "../schema/functions.ts";
import type { Connection } from "../settings.ts";
import { opened, type PulumiObject } from "../value.ts";

const PATIENCE_MS = 60_000;
const MOST_LOG_BYTES = 4 << 20;
const TAIL = 100;

interface Asked {
  args: PulumiObject;
  connection: Connection;
  engine: EngineClient;
  signal: AbortSignal;
}

const ANSWERS: Record<string, (asked: Asked) => Promise<PulumiObject>> = {
  getHost: async ({ connection, engine }) => ({
    ...{ address: connection.spec.host, engine: engine.engine },
    ...{ version: engine.version, apiVersion: engine.apiVersion },
  }),
  getContainer: async ({ args, connection, engine, signal }) => {
    const name = String(args.name);
    const { seen } = await observeObject(engine, "container", name, undefined, signal);
    if (!seen) throw absent("container", args);
    const { publishedPort, ...facts } = factsOf("container", seen);
    return { name, ...(facts as PulumiObject), url: urlOf(connection, publishedPort) };
  },
  getContainers: async ({ args, engine, signal }) => {
    const labels = Object.entries((args.labels ?? {}) as Record<string, string>);
    const found = await engine.containers.list({
      ...{ all: true, labels: labels.map(([key, value]) => `${key}=${value}`), signal },
    });
    const containers = found.map((one) => ({
      name: one.Names?.[0]?.replace(/^\//, "") ?? "",
      ...{ containerId: one.Id ?? "", image: one.Image ?? "", status: one.State ?? "" },
    }));
    return { containers };
  },
  getImage: async ({ args, engine, signal }) => {
    const name = String(args.name);
    const { seen } = await observeObject(engine, "image", name, undefined, signal);
    if (!seen) throw absent("image", args);
    return { name, ...(factsOf("image", seen) as PulumiObject) };
  },
  getContainerLogs: async ({ args, engine, signal }) => {
    const { seen } = await observeObject(engine, "container", String(args.name), undefined, signal);
    if (!seen) throw absent("container", args);
    const tail = Number(args.tail ?? TAIL);
    const options = { tail, tty: seen.Config?.Tty === true, signal };
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const { bytes } of await engine.containers.logs(seen.Id ?? "", options)) {
      size += bytes.length;
      if (size <= MOST_LOG_BYTES) chunks.push(bytes);
    }
    return { logs: printable(Buffer.concat(chunks).toString("utf8")) };
  },
};

/** Answers a function by its token; what is wrong with the arguments comes as failures. */
export async function invoke(
  token: string,
  sealedArgs: PulumiObject,
  session: Session,
): Promise<{ value: PulumiObject; failures: Failure[] }> {
  const name = token.replace(/^fairlead:index:/, "");
  const declared = FUNCTIONS.find((one) => one.name === name);
  const answer = ANSWERS[name];
  if (!declared || !answer) throw new FairleadError("invalid", `there is no function ${token}`);
  const args = opened(sealedArgs) as PulumiObject;
  const failures: Failure[] = declared.inputs
    .filter((one) => one.required && typeof args[one.name] !== "string")
    .map((one) => ({ property: one.name, reason: "is required" }));
  const unknown = Object.keys(args).filter(
    (key) => !declared.inputs.some((one) => one.name === key),
  );
  failures.push(...unknown.map((key) => ({ property: key, reason: "there is no such argument" })));
  if (args.connection) failures.push(...connectionFailures(args.connection));
  if (failures.length > 0) return { value: {}, failures };
  const connection = session.connections.find(String(args.host), args.connection ?? undefined);
  const signal = signalWithin(PATIENCE_MS, session.stop);
  const engine = await connection.connectReadOnly(signal);
  return { value: await answer({ args, connection, engine, signal }), failures: [] };
}

function absent(what: string, args: PulumiObject): FairleadError {
  return new FairleadError("not_found", `there is no ${what} ${args.name} on ${args.host}`);
}
