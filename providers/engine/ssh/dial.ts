// One attempt to reach one host: the socket, the handshake, the key of the host, the login.
// Knows nothing of retries and chains.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import type { ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";
import { ConnectionError, connectionError } from "./connection-error.ts";
import { hostKeyCheck } from "./host-key.ts";
import { type Identities, identitiesOf } from "./identity.ts";
import type { Hop } from "./route.ts";

export type SshClient = InstanceType<typeof ssh2.Client>;

/** Makes the byte stream on which a handshake runs. */
export type OpenSocket = (signal: AbortSignal) => Promise<Duplex>;

/** Logs in to a hop; rejects with a ConnectionError, or with the signal's reason. */
export async function dial(hop: Hop, open: OpenSocket, signal: AbortSignal): Promise<SshClient> {
  const identities = identitiesOf(hop);
  const check = hostKeyCheck(hop.hostKey);
  let refusal: ConnectionError | undefined;
  for (const algorithms of check.algorithms) {
    const socket = await open(signal);
    if (signal.aborted) socket.destroy();
    signal.throwIfAborted();
    let wrong: ConnectionError | undefined;
    try {
      return await handshake(hop, socket, algorithms, identities, signal, (key) => {
        wrong = check.verify(key);
        return wrong === undefined;
      });
    } catch (error) {
      socket.destroy();
      signal.throwIfAborted();
      // With a pinned fingerprint the next kind of key may be the one that is meant.
      const absent = /no matching host key format/.test((error as Error).message);
      if (wrong === undefined && !(absent && check.algorithms.length > 1)) {
        throw explained(connectionError(error as Error, hop.name), hop, identities);
      }
      refusal = wrong ?? refusal;
    }
  }
  throw (
    refusal ??
    new ConnectionError("host_key", `${hop.name}: no kind of host key in common`, {
      path: hop.name,
    })
  );
}

/** A TCP connection to the hop, or its ProxyCommand. */
export async function openSocket(hop: Hop, signal: AbortSignal): Promise<Duplex> {
  if (hop.proxyCommand !== undefined) return runProxy(hop.proxyCommand);
  const socket = connect({ host: hop.host, port: hop.port, noDelay: true });
  const abort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return socket;
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(firstOf(error as Error), hop.name);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function handshake(
  hop: Hop,
  socket: Duplex,
  algorithms: readonly string[],
  identities: Identities,
  signal: AbortSignal,
  verify: (key: Buffer) => boolean,
): Promise<SshClient> {
  const client = new ssh2.Client();
  const left = [...identities.identities];
  return new Promise((resolve, reject) => {
    const abort = () => fail(signal.reason as Error);
    const fail = (error: Error) => {
      signal.removeEventListener("abort", abort);
      client.on("error", () => {});
      client.destroy();
      reject(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    client.once("error", fail);
    client.once("close", () => fail(new Error("the host closed the connection")));
    client.once("ready", () => {
      signal.removeEventListener("abort", abort);
      client.removeAllListeners();
      // Whoever takes the client over listens as well; an error in between must not be unhandled.
      client.on("error", () => {});
      resolve(client);
    });
    client.connect({
      sock: socket,
      username: hop.user,
      readyTimeout: 0,
      keepaliveInterval: hop.keepAliveMs,
      keepaliveCountMax: hop.keepAliveCount,
      algorithms: { serverHostKey: [...algorithms] as ServerHostKeyAlgorithm[] },
      hostVerifier: (key: Buffer) => verify(key),
      authHandler: (allowed, _partial, next) => {
        // The server names what it accepts after the first try; what it does not take is not shown.
        const at = left.findIndex((one) => allowed === null || allowed.includes(one.kind));
        const one = at < 0 ? undefined : left.splice(at, 1)[0];
        next(one === undefined ? (false as never) : one.method);
      },
    });
  });
}

function explained(error: ConnectionError, hop: Hop, tried: Identities): ConnectionError {
  if (error.reason !== "refused_auth") return error;
  const names = tried.identities.map((one) => one.label).join(", ");
  const skipped = tried.skipped.length === 0 ? "" : `; not used: ${tried.skipped.join(", ")}`;
  const many = /too many/i.test(error.message) ? " (too many keys were offered)" : "";
  const what = names === "" ? "there was no key or password to try" : `tried ${names}`;
  return new ConnectionError(
    "refused_auth",
    `${hop.name}: the host refused the login: ${what}${many}${skipped}`,
    {
      path: hop.name,
      hint: `check the user name, and that \`ssh -p ${hop.port} ${hop.user}@${hop.host}\` works`,
      cause: error,
    },
  );
}

function runProxy(command: string): Duplex {
  // ssh_config(5): the user's shell runs the command line with exec, its stderr shown to the user.
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], { stdio: ["pipe", "pipe", "inherit"] });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.once("close", () => child.kill());
  child.once("error", (error) => stream.destroy(error));
  return stream;
}

// Node tries all addresses of a name and then fails with an AggregateError of all failures.
function firstOf(error: Error): Error {
  return error instanceof AggregateError ? (error.errors[0] as Error) : error;
}
