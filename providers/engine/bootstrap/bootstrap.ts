// Brings our agent to a host, or to another version: asks, sends what is missing, switches, starts,
// waits. Each step can be cut off and run again.
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import { bundleFolder, loadBundle, platformsIn } from "../bundle/bundle.ts";
import { isNewer } from "../bundle/version.ts";
import { HttpClient } from "../docker-api/http-client.ts";
import { type AgentIdentity, identifyAgent } from "../docker-api/identify.ts";
import type { Transport } from "../transport/transport.ts";
import { type HostFacts, probe } from "./facts.ts";
import { install } from "./install.ts";
import type { Layout } from "./layout.ts";
import { checkInstallable, platformOf } from "./support.ts";
import { type UploadProgress, uploadParts } from "./upload.ts";

/** What is told while a host gets its agent. */
export type BootstrapEvent =
  | { readonly type: "probed"; readonly facts: HostFacts }
  | ({ readonly type: "upload" } & UploadProgress)
  /** What the host says while it is changed, such as whom it waits for. */
  | { readonly type: "step"; readonly text: string }
  | { readonly type: "installed"; readonly version: string; readonly previous: string }
  | { readonly type: "answering"; readonly version: string };

export interface BootstrapOptions {
  /** Folder with the bundles. Default: the one of this installation. */
  readonly bundleFolder?: string | undefined;
  readonly becomePassword?: string | undefined;
  /** What the host is, when it has just been asked. */
  readonly facts?: HostFacts | undefined;
  readonly onEvent?: ((event: BootstrapEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const ANSWER_TIMEOUT_MS = 30_000;
const LOOK_MS = 5_000;

/** Makes sure that the host's agent runs from our bundle, and returns what it says of itself. */
export async function bootstrap(
  transport: Transport,
  layout: Layout,
  options: BootstrapOptions = {},
): Promise<AgentIdentity> {
  const { signal, onEvent } = options;
  const folder = options.bundleFolder ?? bundleFolder();
  const facts = options.facts ?? (await probe(transport, layout, signal));
  onEvent?.({ type: "probed", facts });
  const platform = platformOf(transport.name, facts, platformsIn(folder));
  const bundle = loadBundle(folder, platform);
  const needsNoRoot = layout.user !== undefined || options.becomePassword !== undefined;
  checkInstallable(transport.name, facts, bundle, needsNoRoot);
  await uploadParts(transport, layout, bundle, facts, {
    signal,
    onProgress: (step) => onEvent?.({ type: "upload", ...step }),
  });
  // Another client may have been faster, with a newer version: that one stays.
  const soon = AbortSignal.any([AbortSignal.timeout(LOOK_MS), ...(signal ? [signal] : [])]);
  const other = await ask(transport, layout, soon).catch(() => undefined);
  if (other !== undefined && isNewer(other.version, bundle.version)) return other;
  await install(transport, layout, bundle, facts, signal, (text) =>
    onEvent?.({ type: "step", text }),
  );
  onEvent?.({ type: "installed", version: bundle.version, previous: facts.installed });
  const info = await untilAnswering(transport, layout, bundle.digest, signal);
  onEvent?.({ type: "answering", version: info.version });
  return info;
}

/** What the agent says of itself; nothing when another engine answers. */
async function ask(
  transport: Transport,
  layout: Layout,
  signal: AbortSignal | undefined,
): Promise<AgentIdentity | undefined> {
  const engine = new HttpClient(transport.name, transport, layout.socket);
  try {
    return await identifyAgent(engine, signal);
  } finally {
    await engine.release();
  }
}

async function untilAnswering(
  transport: Transport,
  layout: Layout,
  digest: string,
  signal?: AbortSignal,
): Promise<AgentIdentity> {
  const endsAt = Date.now() + ANSWER_TIMEOUT_MS;
  let last: unknown;
  for (let pauseMs = 50; Date.now() < endsAt; pauseMs = Math.min(1000, pauseMs * 2)) {
    try {
      const info = await ask(transport, layout, signal);
      // Until the old agent has left the new one cannot answer; its digest tells them apart.
      if (info?.bundle === digest) return info;
      last = new Error(`an agent of another version answers (${info?.version ?? "unknown"})`);
    } catch (error) {
      signal?.throwIfAborted();
      last = error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
  throw new FairleadError("unavailable", `${transport.name}: the agent does not answer`, {
    path: layout.socket,
    hint: `on the host: journalctl -u ${layout.instance}, or read ${layout.root}/agent.log`,
    cause: last,
  });
}
