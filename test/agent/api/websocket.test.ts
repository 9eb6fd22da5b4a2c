import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acceptWebsocket, websocketStream } from "../../../agent/api/websocket.ts";
import { frameOf } from "../../../agent/objects/stream/frame.ts";

const HEADERS = {
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

describe("a WebSocket", () => {
  const server = createServer();
  let serve: (stream: Duplex) => void = () => undefined;
  let framed = false;
  let port = 0;
  beforeAll(async () => {
    server.on("upgrade", (request, socket) => {
      const lines = Object.entries(acceptWebsocket(request.headers)).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
      serve(websocketStream(socket, framed));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  const open = async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/`);
    client.binaryType = "arraybuffer";
    const got: Buffer[] = [];
    client.addEventListener("message", ({ data }) => got.push(Buffer.from(data as ArrayBuffer)));
    const closed = new Promise((resolve) => client.addEventListener("close", resolve));
    await new Promise((resolve) => client.addEventListener("open", resolve));
    return { client, closed, text: () => Buffer.concat(got).toString() };
  };

  /** A connection that has asked for the upgrade and writes what a browser would not. */
  function raw(): Socket {
    const socket = connect(port, "127.0.0.1");
    const lines = Object.entries({ Host: "x", Connection: "Upgrade", ...HEADERS });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.write(`GET / HTTP/1.1\r\n${head}\r\n`);
    return socket;
  }

  test("opens as RFC 6455 has it", () => {
    expect(acceptWebsocket(HEADERS)["Sec-WebSocket-Accept"]).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    for (const wrong of [
      { ...HEADERS, upgrade: "tcp" },
      { ...HEADERS, "sec-websocket-version": "8" },
      { upgrade: "websocket", "sec-websocket-version": "13" },
    ]) {
      expect(() => acceptWebsocket(wrong)).toThrow("a WebSocket of version 13");
    }
  });

  test.each([10, 300, 70_000])("carries %i bytes there and back", async (size) => {
    [framed, serve] = [false, (stream) => stream.pipe(stream)];
    const { client, text } = await open();
    client.send("a".repeat(size));
    client.send(Buffer.from("end"));
    await expect.poll(text).toBe(`${"a".repeat(size)}end`);
    client.close();
  });

  test("carries both outputs without their frames, and then closes", async () => {
    const output = Buffer.concat([
      frameOf("stdout", Buffer.from("out ")),
      frameOf("stderr", Buffer.from("err")),
    ]);
    serve = (stream) => {
      for (const byte of output) stream.write(Buffer.from([byte]));
      stream.end();
    };
    framed = true;
    const { closed, text } = await open();
    await closed;
    expect(text()).toBe("out err");
  });

  test("tells the end of the client's side", async () => {
    let ended = false;
    [framed, serve] = [false, (stream) => stream.resume().on("end", () => (ended = true))];
    const { client } = await open();
    client.close();
    await expect.poll(() => ended).toBe(true);
  });

  test.each<[string, number[]]>([
    ["without a mask", [0x82, 0x01, 0x61]],
    ["of an extension that nobody agreed on", [0xc2, 0x80, 0, 0, 0, 0]],
    ["of an unknown kind", [0x83, 0x80, 0, 0, 0, 0]],
    ["longer than any may be", [0x82, 0xff, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["of control that is cut in pieces", [0x09, 0x80, 0, 0, 0, 0]],
  ])("is closed at a frame %s", async (_, bytes) => {
    let read = 0;
    framed = false;
    serve = (stream) => {
      stream.on("data", () => (read += 1)).on("error", () => undefined);
    };
    const socket = raw();
    await once(socket, "data");
    socket.write(Buffer.from(bytes));
    await once(socket, "close");
    expect(read).toBe(0);
  });

  test("takes nothing that comes behind the client's closing frame", async () => {
    framed = false;
    const seen: string[] = [];
    serve = (stream) => {
      stream.on("data", (chunk) => seen.push(String(chunk)));
      stream.on("end", () => stream.end(() => seen.push("the end")));
      stream.on("error", (error) => seen.push(error.message));
    };
    const socket = raw();
    await once(socket, "data");
    const text = [0x81, 0x81, 0, 0, 0, 0, 0x61];
    socket.write(Buffer.from([...text, 0x88, 0x80, 0, 0, 0, 0, ...text]));
    socket.write(Buffer.from(text));
    socket.end();
    await once(socket, "close");
    expect(seen).toEqual(["a", "the end"]);
  });
});
