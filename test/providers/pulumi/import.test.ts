// Import by an id alone: what the plugin reads of an object that nothing declared, without settings
// and without a Host, is a declaration that differs in nothing.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sealed, toStruct } from "../../../providers/pulumi/value.ts";
import { DockerHost, whyNoDockerd } from "./docker-host.ts";
import { Plugin } from "./engine/plugin.ts";

const why = whyNoDockerd();
if (why) console.log(`skipped: ${why}`);

const NOBODY = "127.0.0.1:1";
const urnOf = (type: string) => `urn:pulumi:test::lab::fairlead:index:${type}::alone`;

describe.skipIf(why !== undefined)("an import id", { timeout: 120_000 }, () => {
  const host = new DockerHost();
  const docker = (...args: string[]) => host.docker.docker(...args);

  /** Reads it as an import does; gives inputs that check and differ in nothing. */
  async function imported(by: Plugin, place: string, type: string, name: string) {
    const urn = urnOf(type);
    const found = await by.read(`${place}/${name}`, urn, {}, {});
    expect(found?.inputs).toMatchObject({ host: place, name });
    const { inputs, failures } = await by.check(urn, {}, found!.inputs, Buffer.alloc(32));
    expect(failures).toEqual([]);
    expect((await by.diff({ ...found!, urn }, inputs)).detail).toEqual({});
    return inputs;
  }

  let plugin: Plugin;
  beforeAll(async () => {
    await host.start();
    expect((await host.engine.up(host.says(""))).errors).toEqual([]);
    await docker("network", "create", "alone-net");
    await docker("volume", "create", "alone-data");
    const flags = ["--init", "--memory", "64m", "--env", "MODE=a", "--restart", "always"];
    const joined = ["--network", "alone-net", "--volume", "alone-data:/data"];
    await docker("run", "-d", "--name", "alone", ...flags, ...joined, "fairlead/app:1");
    plugin = await Plugin.start(NOBODY);
    expect(await plugin.configure({})).toEqual([]);
  });
  afterAll(async () => {
    await plugin?.end();
    await host.stop();
  });

  test.each([
    ["Container", "alone"],
    ["Network", "alone-net"],
    ["Volume", "alone-data"],
    ["Image", "fairlead/app:1"],
  ])("of a %s is enough", async (type, name) => {
    const inputs = await imported(plugin, `unix://${host.docker.socket}`, type, name);
    expect(JSON.stringify(toStruct(inputs))).not.toContain("dev.fairlead");
  });

  test("may name a host of the provider's settings, which SDKs send as text", async () => {
    const reached = { host: "local", engine: "docker", socket: host.docker.socket };
    const other = await Plugin.start(NOBODY);
    try {
      const hosts = JSON.stringify({ "web-1": reached });
      expect(await other.configure({ hosts: new Sealed(hosts) })).toEqual([]);
      const { connection } = await imported(other, "web-1", "Container", "alone");
      expect(connection).toEqual(new Sealed(reached));
    } finally {
      await other.end();
    }
  });

  test("of what is not there gives nothing", async () => {
    const id = `unix://${host.docker.socket}/nobody`;
    expect(await plugin.read(id, urnOf("Container"), {}, {})).toBeUndefined();
  });
});
