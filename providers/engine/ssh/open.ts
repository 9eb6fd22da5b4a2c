// Opens one channel on a logged-in connection, and says what a refusal means.
import type { ClientChannel } from "ssh2";
import { FairleadError } from "../../../resources/model/errors.ts";
import { unlessAborted } from "../deadline.ts";
import { isSudoRefusal } from "../transport/become.ts";
import { ConnectionError } from "./connection-error.ts";
import type { SshClient } from "./dial.ts";

/** Starts a command line on the host. */
export function openSession(
  client: SshClient,
  line: string,
  name: string,
  signal: AbortSignal,
): Promise<ClientChannel> {
  return opened(signal, (done) => {
    client.exec(line, (error, channel) => {
      const refused = error !== undefined && /Unable to exec/.test(error.message);
      done(refused ? notPermitted(name, error) : error, channel);
    });
  });
}

/** Asks the server to join us to a unix socket (OpenSSH's PROTOCOL, 2.4). */
export function openForward(
  client: SshClient,
  socketPath: string,
  signal: AbortSignal,
): Promise<ClientChannel> {
  return opened(signal, (done) => client.openssh_forwardOutStreamLocal(socketPath, done));
}

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

// A server may never answer; what it opens after we have given up is closed again.
async function opened(signal: AbortSignal, open: (done: Opened) => void): Promise<ClientChannel> {
  const opening = new Promise<ClientChannel>((resolve, reject) => {
    open((error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
  try {
    return await unlessAborted(signal, opening);
  } catch (error) {
    opening.then(
      (late) => late.close(),
      () => {},
    );
    throw error;
  }
}

/** Whether the server refused to open a channel, which it does when too many are open. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("(SSH) Channel open failure");
}

/** The user may log in and yet not run commands (ForceCommand, nologin, MaxSessions 0). */
export function notPermitted(name: string, error: unknown): Error {
  if (error instanceof FairleadError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ConnectionError("not_permitted", `${name}: the host does not run commands: ${text}`, {
    path: name,
    hint: "check the user's shell, and ForceCommand and MaxSessions in the host's sshd_config",
    cause: error,
  });
}

/** What the end of a relay command before its first byte means. */
export function relayError(
  name: string,
  socketPath: string,
  ended: { code: number; notice: string },
): FairleadError {
  const notice = ended.notice.trim().split("\n").at(-1) ?? "";
  if (isSudoRefusal(notice) || /permission denied/i.test(notice)) {
    return new ConnectionError("not_permitted", `${name}: may not open ${socketPath}: ${notice}`, {
      path: socketPath,
      hint: "connect as root, allow sudo without a password, or join the socket's group",
    });
  }
  const why = notice === "" ? `the relay ended with ${ended.code}` : notice;
  return new FairleadError("unavailable", `${name}: nothing answers at ${socketPath}: ${why}`, {
    path: socketPath,
  });
}
