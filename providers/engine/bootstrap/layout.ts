// Where everything of one installation is on a host. All of it can be moved, so that several agents
// share one machine.
import { FairleadError } from "../../../resources/model/errors.ts";

export interface Layout {
  /** The bundle. */
  readonly prefix: string;
  /** Lasting state. */
  readonly root: string;
  /** State until the next boot. */
  readonly run: string;
  /** Distinguishes the agents of one kernel. */
  readonly instance: string;
  readonly socket: string;
  /** The storage driver that is asked for; the agent chooses when absent. */
  readonly storage?: string | undefined;
  /** Set for the agent of an ordinary user. */
  readonly user?: UserPlace | undefined;
}

/** What an ordinary user's agent has beside the folders. */
export interface UserPlace {
  /** The folder of everything of ours in the user's home. */
  readonly base: string;
  /** $XDG_RUNTIME_DIR. */
  readonly runtime: string;
  /** Whether a systemd of the user keeps the agent, also while nobody is logged in. */
  readonly manager: boolean;
  /** Whether that is so because we asked for it. */
  readonly lingers: boolean;
  /** Whether the host runs systemd, and only does not keep this user's services. */
  readonly hostHasSystemd: boolean;
}

type LayoutNames = Partial<{ [K in keyof Omit<Layout, "user">]: string | undefined }>;

/** Fills in the defaults; `invalid` for paths or names that a unit file could misread. */
export function layoutOf(given: LayoutNames): Layout {
  const instance = given.instance ?? "fairlead";
  if (!/^[a-z][a-z0-9-]{0,10}$/.test(instance)) {
    throw new FairleadError("invalid", `not an instance name: ${JSON.stringify(instance)}`, {
      path: "instance",
      hint: "use 1 to 11 of a-z, 0-9 and -, first a letter",
    });
  }
  const run = path("run", given.run ?? `/run/${instance}`);
  return {
    prefix: path("prefix", given.prefix ?? "/opt/fairlead"),
    root: path("root", given.root ?? `/var/lib/${instance}`),
    run,
    instance,
    socket: path("socket", given.socket ?? `${run}/agent.sock`),
    ...(given.storage === undefined ? {} : { storage: driverName(given.storage) }),
  };
}

/** The heap is small and requests are short: a young generation of megabytes is waste. */
export const NODE_FLAGS = ["--max-semi-space-size=1", "--optimize-for-size"];

/** The agent's program and arguments, by way of the link that an upgrade switches. */
export function agentCommand(layout: Layout): string[] {
  const { prefix, root, run, instance, socket, storage } = layout;
  return [
    `${prefix}/current/node`,
    ...NODE_FLAGS,
    `${prefix}/current/agent.cjs`,
    ...["--root", root, "--run", run, "--instance", instance, "--socket", socket],
    ...(storage === undefined ? [] : ["--storage", storage]),
  ];
}

/** The name of the service: `fairlead`, or `fairlead-INSTANCE`. */
export function serviceName(layout: Layout): string {
  return layout.instance === "fairlead" ? "fairlead" : `fairlead-${layout.instance}`;
}

function driverName(value: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(value)) return value;
  throw new FairleadError("invalid", `not a storage driver's name: ${JSON.stringify(value)}`, {
    path: "storage",
  });
}

function path(field: string, value: string): string {
  const dots = value.split("/").some((part) => part === "." || part === "..");
  if (!/^\/[A-Za-z0-9_./-]+$/.test(value) || dots) {
    throw new FairleadError("invalid", `not a plain absolute path: ${JSON.stringify(value)}`, {
      path: field,
      hint: "use letters, digits and _ . - / only",
    });
  }
  // A unix socket's address holds 107 bytes (unix(7)).
  if (field === "socket" && value.length > 107) {
    throw new FairleadError("invalid", "a socket's path has at most 107 bytes", { path: field });
  }
  return value.replace(/\/+$/, "");
}
