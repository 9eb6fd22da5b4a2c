// Owns the agent's socket path: one agent per path, 0660 root:fairlead, replaced atomically.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { FairleadError } from "../resources/model/errors.ts";

const GROUP = "fairlead";

export interface Listening {
  /** False when another agent has taken the path in the meantime. */
  isOurs(): boolean;
  /** Removes the path if it is still ours. */
  release(): void;
}

/** Listens on `path`; `conflict` when another agent answers there. */
export async function listen(server: Server, path: string): Promise<Listening> {
  if (Buffer.byteLength(path) > 100) {
    throw new FairleadError("invalid", `--socket ${path}: longer than the 100 bytes of a socket`);
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  await refuseWhenAnswered(path);
  const temporary = `${path}.${process.pid}`;
  rmSync(temporary, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: temporary }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  chmodSync(temporary, 0o660);
  const group = groupId();
  // A user namespace knows its own groups only, and there the socket is the user's alone.
  const rootless = process.env.FAIRLEAD_ROOTLESS === "1";
  if (group !== undefined && !rootless) chownSync(temporary, 0, group);
  const { ino } = statSync(temporary);
  renameSync(temporary, path);
  const isOurs = () => statSync(path, { throwIfNoEntry: false })?.ino === ino;
  return {
    isOurs,
    release: () => {
      if (isOurs()) rmSync(path, { force: true });
    },
  };
}

async function refuseWhenAnswered(path: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => done(true));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => done(true));
    socket.on("error", () => done(false));
  });
  if (answered) {
    throw new FairleadError("conflict", `another agent answers on ${path}`, {
      hint: "stop it first, or give this one an own --run and --instance",
    });
  }
}

function groupId(): number | undefined {
  let text: string;
  try {
    text = readFileSync("/etc/group", "utf8");
  } catch {
    return undefined;
  }
  const line = text.split("\n").find((entry) => entry.startsWith(`${GROUP}:`));
  const id = Number(line?.split(":")[2]);
  return Number.isInteger(id) ? id : undefined;
}
