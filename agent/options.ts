// The agent's command line: where it keeps things and how it tells that it is ready.
import { parseArgs } from "node:util";
import { FairleadError } from "../resources/model/errors.ts";

export interface AgentOptions {
  /** Lasting state, default /var/lib/fairlead. */
  root: string;
  /** State until the next boot, default /run/fairlead. */
  run: string;
  /** Distinguishes the agents of one kernel, default `fairlead`. */
  instance: string;
  /** Default RUN/agent.sock. */
  socket: string;
  /** RUN/reader.sock, for containers that may look and not touch. */
  readerSocket: string;
  /** A file descriptor that gets `ready\n`. */
  readyFd: number | undefined;
  /** Remove what this instance has in the kernel and end, for taking the agent off a host. */
  purge: boolean;
  /** JSON file that names OCI runtimes of this host, default /etc/fairlead/runtimes.json. */
  runtimes: string;
  /** Name of a storage driver; absent means that the agent chooses. */
  storage: string | undefined;
  /** Folder of fairlead.node and fairlead-runtime, default that of the bundle. */
  native: string;
}

/** Parses the arguments; `invalid` names the one that is wrong. */
export function parseOptions(args: string[], bundle: string): AgentOptions {
  const { values } = parse(args);
  const run = absolute("run", values.run ?? "/run/fairlead");
  const instance = values.instance ?? "fairlead";
  if (!/^[a-z][a-z0-9-]{0,10}$/.test(instance)) {
    throw new FairleadError(
      "invalid",
      `--instance ${JSON.stringify(instance)}: use 1 to 11 of a-z, 0-9 and -, first a letter`,
    );
  }
  const readyFd = values["ready-fd"] === undefined ? undefined : Number(values["ready-fd"]);
  if (readyFd !== undefined && !(Number.isInteger(readyFd) && readyFd > 0 && readyFd < 1024)) {
    throw new FairleadError("invalid", "--ready-fd: not a file descriptor");
  }
  return {
    root: absolute("root", values.root ?? "/var/lib/fairlead"),
    run,
    instance,
    socket: absolute("socket", values.socket ?? `${run}/agent.sock`),
    readerSocket: `${run}/reader.sock`,
    readyFd,
    purge: values.purge === true,
    runtimes: absolute("runtimes", values.runtimes ?? "/etc/fairlead/runtimes.json"),
    storage: values.storage,
    native: absolute("native", values.native ?? bundle),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  const options = {
    root: text,
    run: text,
    instance: text,
    socket: text,
    "ready-fd": text,
    native: text,
    runtimes: text,
    storage: text,
    purge: { type: "boolean" } as const,
  };
  try {
    return parseArgs({ args, options, strict: true });
  } catch (error) {
    throw new FairleadError("invalid", (error as Error).message);
  }
}

function absolute(name: string, path: string): string {
  if (!path.startsWith("/") || path.includes("\0")) {
    throw new FairleadError("invalid", `--${name} ${JSON.stringify(path)}: not an absolute path`);
  }
  return path.replace(/\/+$/, "") || "/";
}
