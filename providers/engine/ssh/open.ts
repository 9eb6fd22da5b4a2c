// Opens one channel on a logged-in connection, and says what a refusal means.
import type { ClientChannel } from "ssh2";
import { FairleadError } from "../../../resources/model/errors.ts";
import { isSudoRefusal } from "../transport/become.ts";
import { ConnectionError } from "./connection-error.ts";
import type { SshClient } from "./dial.ts";

/** Starts a command line on the host. */
export function openSession(client: SshClient, line: string, name: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => {
      if (error === undefined) resolve(channel);
      else if (!/Unable to exec/.test(error.message)) reject(error);
      else reject(notPermitted(name, error));
    });
  });
}

/** Asks the server to join us to a unix socket (OpenSSH's PROTOCOL, 2.4). */
export function openForward(client: SshClient, socketPath: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.openssh_forwardOutStreamLocal(socketPath, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
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
