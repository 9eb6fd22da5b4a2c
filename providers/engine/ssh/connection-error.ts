// Why a connection could not be made. The four reasons need four different next steps, so they are
// told apart here once, from what ssh2 and the kernel report.
import { FairleadError } from "../../../resources/model/errors.ts";

export type ConnectionReason = "unreachable" | "refused_auth" | "host_key" | "not_permitted";

/** A FairleadError that also says which of the four it is; `retry` when time may cure it. */
export class ConnectionError extends FairleadError {
  readonly reason: ConnectionReason;
  readonly retry: boolean;

  constructor(
    reason: ConnectionReason,
    message: string,
    more: { path: string; hint?: string | undefined; cause?: unknown; retry?: boolean },
  ) {
    super(reason === "unreachable" ? "unavailable" : "forbidden", message, more);
    this.reason = reason;
    this.retry = more.retry ?? false;
  }
}

interface LowError extends Error {
  level?: string;
  code?: string | number;
}

/** What a failure of ssh2 or of the socket under it means for the host called `name`. */
export function connectionError(error: LowError, name: string): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const text = error.message;
  if (error.level === "client-authentication" || /authentication fail/i.test(text)) {
    return new ConnectionError("refused_auth", `${name}: the host refused to let us in: ${text}`, {
      path: name,
      cause: error,
    });
  }
  if (/^Handshake failed: no matching/.test(text)) {
    return new ConnectionError("unreachable", `${name}: no common algorithm: ${text}`, {
      path: name,
      hint: "the host's SSH server is too old or too strict; see docs/connection.md",
      cause: error,
    });
  }
  const { why, hint } = unreachable(error);
  const options = { path: name, hint, cause: error, retry: true };
  return new ConnectionError("unreachable", `${name}: ${why}`, options);
}

function unreachable(error: LowError): { why: string; hint: string } {
  switch (error.code) {
    case "ECONNREFUSED":
      return { why: "connection refused", hint: "is an SSH server running on this port?" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { why: "the name does not resolve", hint: "check the host name and the DNS" };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return { why: "no route to the host", hint: "check the address, the network and the VPN" };
    case "ETIMEDOUT":
      return { why: "no answer in time", hint: "check the address, the port and the firewall" };
  }
  if (/keepalive/i.test(error.message)) {
    return {
      why: "the host has stopped answering",
      hint: "check the host and the network, and run the same command again; what is done stays",
    };
  }
  if (error.level === "client-timeout") {
    return { why: "no SSH answer in time", hint: "check the port and the load of the host" };
  }
  if (/before handshake|[Ii]dentification|[Ii]nvalid.*header|greeting/.test(error.message)) {
    return {
      why: `the port does not speak SSH (${error.message})`,
      hint: "check the port; a busy SSH server (MaxStartups) hangs up like this as well",
    };
  }
  return { why: `the connection broke: ${error.message}`, hint: "run the same command again" };
}
