import { describe, expect, test } from "vitest";
import { DockerEngine } from "../../../../providers/engine/docker-api/docker-engine.ts";
import type { Connect } from "../../../../providers/engine/engine.ts";
import { VacantEngine } from "../../../../providers/engine/engines/fairlead/vacant.ts";
import { apply, plan } from "../../../../providers/engine/reconcile/reconcile.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Plan } from "../../../../resources/plan/operation.ts";
import { FakeClient } from "../fake-client.ts";

const stack = {
  project: "shop",
  hosts: { left: { host: "192.0.2.1" }, right: { host: "192.0.2.2" } },
  resources: [],
};
const broken = (address: string) =>
  new FairleadError("unavailable", `root@${address}:22: the connection broke`, { hint: "again" });

describe("an error of a host, in a plan", () => {
  test("says which host of the stack it is, when it is reached and when it is asked", async () => {
    const silent: Connect = async (_, spec) => Promise.reject(broken(spec.host));
    await expect(plan(stack, { connect: silent })).rejects.toThrow(
      "left: root@192.0.2.1:22: the connection broke\nright: root@192.0.2.2:22: the connection",
    );
    const nothing = { containers: [], networks: [], volumes: [], images: {}, heldPorts: [] };
    const deaf: Connect = async (name) => {
      const answer = () => Promise.reject(broken("192.0.2.2"));
      const answers = { "POST /fairlead/observe": name === "right" ? answer : nothing };
      return new DockerEngine(new FakeClient(answers));
    };
    await expect(plan(stack, { connect: deaf })).rejects.toMatchObject({
      message: "right: root@192.0.2.2:22: the connection broke",
      hint: "again",
    });
  });

  test("is not named twice, nor taken for named by a part of its words", async () => {
    const connect: Connect = async () => {
      throw new FairleadError("unavailable", "left: no answer");
    };
    await expect(plan(stack, { connect, hosts: ["left"] })).rejects.toThrow(/^left: no answer$/);
    const hosts = { oo: { host: "192.0.2.1" } };
    const silent: Connect = async (_, spec) => Promise.reject(broken(spec.host));
    await expect(plan({ ...stack, hosts }, { connect: silent })).rejects.toThrow(/^oo: root@/);
  });

  test("names every host whose agent cannot be installed, with nothing else to do", async () => {
    const hosts = ["left", "right"].map((name) => ({
      ...{ name, address: "ssh://root@192.0.2.1", engine: "fairlead" },
      ...{ version: "0.1.0", upgrade: "0.2.0" },
    }));
    const silent: Connect = async (_, spec) => Promise.reject(broken(spec.host));
    const made: Plan = {
      ...{ version: 1, project: "shop", direction: "up", hosts },
      ...{ operations: [], unchanged: [], orphans: [], notes: [] },
    };
    await expect(apply(stack, made, { connect: silent })).rejects.toThrow(
      "left: root@192.0.2.1:22: the connection broke\nright: root@192.0.2.2:22: the connection",
    );
  });
});

describe("a plan for a host without an engine", () => {
  test("brings images of every pull policy, and asks no registry", async () => {
    const policies = ["always", "missing"] as const;
    const hosts = { left: { host: "192.0.2.1" } };
    const resources = policies.map((pull) => ({
      ...{ kind: "image" as const, host: "left", name: pull },
      spec: { name: `docker.io/library/${pull}:1`, pull },
    }));
    const connect: Connect = async (name) =>
      new VacantEngine(name, { version: "1", apiVersion: "1.51", machine: "x86_64" });
    const { operations } = await plan({ project: "shop", hosts, resources }, { connect });
    expect(operations.map(({ name, action }) => [name, action])).toEqual(
      policies.map((pull) => [pull, "pull"]),
    );
  });
});
