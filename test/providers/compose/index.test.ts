// Compose files as a stack in one call, as front ends with hosts of their own take them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { composeStack } from "../../../providers/compose/index.ts";

const stackOf = (content: string, hosts = {}) =>
  composeStack({ files: ["-"], content, projectName: "shop", environment: {} }, hosts).stack;

test("text stands for a file, and its problems have their place", () => {
  expect(stackOf("services: {app: {image: x}}")).toMatchObject({
    ...{ project: "shop", hosts: { local: { host: "local" } } },
    resources: [{ kind: "network" }, { kind: "container", host: "local", name: "app" }],
  });
  expect(() => stackOf("services: {app: {imag: x}}")).toThrow(/^content:1:18: services.app.imag/);
});

test("given hosts count before those of the same name in the file", () => {
  const file = `
x-fairlead: { hosts: { web: ssh://root@203.0.113.1, db: ssh://root@203.0.113.2 } }
services: { app: { image: x, x-fairlead: { hosts: [web, db] } } }
`;
  expect(stackOf(file, { web: "ssh://deploy@203.0.113.9" }).hosts).toMatchObject({
    ...{ web: { host: "203.0.113.9", user: "deploy" }, db: { host: "203.0.113.2" } },
  });
});

test("a single given host needs no word in the file", () => {
  const { hosts, resources } = stackOf("services: {app: {image: x}}", { only: "local" });
  expect(Object.keys(hosts)).toEqual(["only"]);
  expect(resources.every(({ host }) => host === "only")).toBe(true);
});

test("the folder of files is the place of relative paths, and .env there is read", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-compose-"));
  try {
    writeFileSync(join(folder, "compose.yaml"), "services: {app: {image: 'x:$TAG'}}");
    writeFileSync(join(folder, ".env"), "TAG=7\n");
    const { stack, project } = composeStack({
      ...{ files: [join(folder, "compose.yaml")], environment: {} },
    });
    expect(project.directory).toBe(folder);
    const app = stack.resources.find(({ kind }) => kind === "container");
    expect(app?.spec).toMatchObject({ image: "x:7" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
