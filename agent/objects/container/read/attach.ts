// Attaches a client to the streams of a container's first process, now or from its next start on.
import type { Duplex } from "node:stream";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { ShimClient } from "../../../runtime/shim.ts";
import type { StreamSelection } from "../../../runtime/shim-protocol.ts";
import { parseDetachKeys } from "../../stream/detach-keys.ts";
import { joinStreams } from "../../stream/join.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";
import { containerLogs } from "./logs.ts";

export interface AttachOptions extends StreamSelection {
  /** What was logged so far comes first. */
  logs: boolean;
  stream: boolean;
  detachKeys: string | undefined;
}

/** Refuses what cannot be attached to, before the connection is taken over. */
export function checkAttach(container: Container, options: AttachOptions): void {
  parseDetachKeys(options.detachKeys);
  if (container.status === "paused") {
    throw new FairleadError(
      "conflict",
      `container ${container.id} is paused, unpause the container before attach`,
    );
  }
  container.refuseRestarting();
}

/** Joins `client` until the container's output or the client ends. */
export async function attachContainer(
  container: Container,
  client: Duplex,
  options: AttachOptions,
  parts: ContainerParts,
): Promise<void> {
  if (options.logs) await sendLogs(container, client, options);
  if (!options.stream) {
    client.end();
    return;
  }
  publish(parts.events, container, "attach");
  const join = (shim: ShimClient, joined?: () => void) =>
    connect({ container, client, options, parts }, shim, joined);
  if (container.shim && container.running) {
    await join(container.shim);
    return;
  }
  await attachAtStart(container, client, join);
}

interface Attachment {
  container: Container;
  client: Duplex;
  options: AttachOptions;
  parts: ContainerParts;
}

/** Waits for the start, which waits in turn until the stream is connected. */
function attachAtStart(
  container: Container,
  client: Duplex,
  join: (shim: ShimClient, joined?: () => void) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      container.attachments.delete(attachment);
      client.destroy();
      resolve();
    };
    const attachment = (shim: ShimClient | undefined) => {
      client.off("close", leave);
      if (!shim) {
        leave();
        return Promise.resolve();
      }
      return new Promise<void>((joined) => {
        join(shim, joined).then(resolve, reject).finally(joined);
      });
    };
    client.once("close", leave);
    container.attachments.add(attachment);
  });
}

async function connect(
  attachment: Attachment,
  shim: ShimClient,
  joined: (() => void) | undefined,
): Promise<void> {
  const { container, client, options, parts } = attachment;
  const { stdin, stdout, stderr } = options;
  const wantsInput = stdin && container.record.config.OpenStdin === true;
  let stream: Duplex;
  try {
    stream = await shim.attach({ stdin: wantsInput, stdout, stderr });
  } catch (error) {
    client.destroy();
    throw error;
  }
  joined?.();
  const tty = container.record.config.Tty === true;
  const outcome = await joinStreams(client, stream, {
    stdin: wantsInput,
    detachKeys: tty && wantsInput ? parseDetachKeys(options.detachKeys) : undefined,
  });
  if (outcome === "detached") publish(parts.events, container, "detach");
}

async function sendLogs(
  container: Container,
  client: Duplex,
  options: AttachOptions,
): Promise<void> {
  const chunks = containerLogs(container, {
    stdout: options.stdout,
    stderr: options.stderr,
    timestamps: false,
    details: false,
    follow: false,
    tail: undefined,
    since: undefined,
    until: undefined,
    signal: new AbortController().signal,
  });
  for await (const chunk of chunks) {
    if (client.destroyed) return;
    if (!client.write(chunk)) await new Promise((resolve) => client.once("drain", resolve));
  }
}
