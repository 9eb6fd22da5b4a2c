// Makes a route's Call from an HTTP request, also from one that asks to upgrade its connection.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Duplex, Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { readJson } from "./body.ts";
import type { Call } from "./route.ts";
import { NEWEST_API } from "./version.ts";

export const AGENT_HEADERS: Record<string, string> = {
  "Api-Version": NEWEST_API,
  "Docker-Experimental": "false",
  Ostype: "linux",
  Server: "fairlead (linux)",
};

/** The connection of a request that asked for `Upgrade`, and what arrived behind its headers. */
export interface Upgraded {
  socket: Duplex;
  head: Buffer;
}

export interface CallParts {
  request: IncomingMessage;
  response: ServerResponse;
  params: Record<string, string>;
  query: URLSearchParams;
  apiVersion: number;
  signal: AbortSignal;
  upgraded: Upgraded | undefined;
}

export function makeCall(parts: CallParts): Call {
  const { upgraded, ...rest } = parts;
  const { request, response } = parts;
  if (!upgraded) {
    return {
      ...rest,
      json: () => readJson(request, request),
      hijack: async (contentType) => streamOfMessage(request, response, contentType),
      switchTo: async () => {
        throw new FairleadError("invalid", "the connection must be upgraded for that");
      },
    };
  }
  let taken = false;
  const takeBody = () => {
    if (taken) return Promise.resolve(Buffer.alloc(0));
    taken = true;
    return bodyBeforeUpgrade(request, upgraded);
  };
  const switchTo = async (headers: Record<string, string>) => {
    await takeBody();
    return upgrade(upgraded, response, headers);
  };
  return {
    ...rest,
    json: async () => readJson(request, Readable.from([await takeBody()])),
    hijack: (contentType) =>
      switchTo({ "Content-Type": contentType, Connection: "Upgrade", Upgrade: "tcp" }),
    switchTo,
  };
}

/**
 * Node does not parse the body of a request with `Upgrade`; the docker CLI sends the options of an
 * exec there, and the container's stdin right behind it.
 */
async function bodyBeforeUpgrade(request: IncomingMessage, upgraded: Upgraded): Promise<Buffer> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (request.headers["transfer-encoding"] !== undefined || !(length >= 0 && length < 4_194_304)) {
    throw new FairleadError("invalid", "a request to upgrade needs a Content-Length below 4 MiB");
  }
  const { socket } = upgraded;
  if (upgraded.head.length > 0) socket.unshift(upgraded.head);
  if (length === 0) return Buffer.alloc(0);
  return await new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => fail("did not arrive within 30 s"), 30_000);
    const fail = (what: string) => {
      finish();
      reject(new FairleadError("invalid", `the request body ${what}`));
    };
    const finish = () => {
      clearTimeout(timer);
      socket.off("readable", read).off("end", cut).off("close", cut);
    };
    const cut = () => fail("ended early");
    const read = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes === null) return;
      finish();
      resolve(bytes);
    };
    socket.on("readable", read).on("end", cut).on("close", cut);
    read();
  });
}

function upgrade(
  upgraded: Upgraded,
  response: ServerResponse,
  headers: Record<string, string>,
): Duplex {
  const { socket } = upgraded;
  response.detachSocket(socket as never);
  const lines = [
    `HTTP/1.1 101 ${STATUS_CODES[101] ?? ""}`,
    ...Object.entries({ ...headers, ...AGENT_HEADERS }).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  return socket;
}

/** Clients that do not upgrade read one long reply, and write stdin as the request's body. */
function streamOfMessage(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: string,
): Duplex {
  response.writeHead(200, { ...AGENT_HEADERS, "Content-Type": contentType });
  response.flushHeaders();
  return Duplex.from({ readable: request, writable: response });
}
