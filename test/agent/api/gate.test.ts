// The server while the agent recovers: early routes answer, others wait, and not for ever.
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import createRouter from "find-my-way";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { earlyRoutes } from "../../../agent/api/early.ts";
import { Gate } from "../../../agent/api/gate.ts";
import { type ApiServer, createApi } from "../../../agent/api/server.ts";

describe("before the agent is ready", () => {
  let folder: string;
  let api: ApiServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gate-"));
    const early = earlyRoutes({
      version: "1.2.3",
      bundle: "b",
      recovering: () => ({ recovered: 3, containers: 500 }),
      drivers: () => undefined,
      unreadable: () => [],
    });
    api = createApi({ early, progress: () => "3 of 500", report: () => undefined });
    await new Promise<void>((resolve) => api.server.listen(join(folder, "s"), resolve));
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      get({ socketPath: join(folder, "s"), path }, async (response) => {
        const chunks = await response.toArray();
        resolve(`${response.statusCode} ${Buffer.concat(chunks)}`.trim());
      }).on("error", reject);
    });

  test("it says that it is there and how far it is; the rest is answered once it is", async () => {
    expect(await ask("/_ping")).toBe("200 OK");
    const info = JSON.parse((await ask("/fairlead/info")).slice(4));
    expect(info).toMatchObject({ version: "1.2.3", recovering: { recovered: 3, containers: 500 } });
    let answered = 0;
    const held = Promise.all(
      ["/thing", "/v1.47/thing", "/nothing"].map((path) =>
        ask(path).finally(() => {
          answered += 1;
        }),
      ),
    );
    await ask("/_ping");
    expect(answered).toBe(0);
    api.open([{ method: "GET", path: "/thing", handle: async () => ({ body: 1 }) }]);
    expect(await held).toEqual(["200 1", "200 1", '404 {"message":"page not found"}']);
    expect(await ask("/_ping")).toBe("200 OK");
  });

  test("a client that leaves waits no longer, and no more than so many may wait", async () => {
    const gate = new Gate(createRouter(), () => "3 of 500");
    const leaving = new AbortController();
    const first = gate.find("GET", "/thing", leaving.signal);
    leaving.abort();
    await expect(first).rejects.toThrow("the agent is not ready yet: 3 of 500");
    const others = Array.from({ length: 513 }, () =>
      gate.find("GET", "/thing", new AbortController().signal).then(
        () => "answered",
        () => "refused",
      ),
    );
    gate.open(createRouter());
    const outcomes = await Promise.all(others);
    expect(outcomes.filter((one) => one === "refused")).toHaveLength(1);
  });
});
