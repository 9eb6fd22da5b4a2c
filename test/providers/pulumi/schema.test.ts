// The one source: schema, SDK and declarations say the same as the declared resources.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { declarations } from "../../../providers/pulumi/schema/declarations.ts";
import { packageSchema } from "../../../providers/pulumi/schema/package-schema.ts";
import { shapeOf } from "../../../resources/kinds/shape.ts";

interface Described {
  inputProperties: Record<string, { $ref?: string; secret?: boolean; items?: object }>;
  properties: Record<string, object>;
  required: string[];
}
const schema = packageSchema("1.2.3") as unknown as {
  resources: Record<string, Described>;
  types: Record<string, { properties: Record<string, { secret?: boolean }> }>;
};

describe("the package schema", () => {
  test.each(["container", "image", "network", "volume"] as const)(
    "has every declared field of a %s as input and output",
    (kind) => {
      const name = kind.charAt(0).toUpperCase() + kind.slice(1);
      const { inputProperties, properties } = schema.resources[`fairlead:index:${name}`]!;
      for (const field of shapeOf(kind)) {
        expect(Object.keys(inputProperties)).toContain(field.name);
        expect(Object.keys(properties)).toContain(field.name);
      }
    },
  );

  test("has every field of a host in its connection, with what is secret marked so", () => {
    const { properties } = schema.types["fairlead:index:Connection"]!;
    expect(Object.keys(properties)).toEqual(shapeOf("host").map(({ name }) => name));
    for (const name of ["password", "privateKey", "privateKeyPassword", "becomePassword"]) {
      expect(properties[name]?.secret).toBe(true);
    }
    for (const one of Object.values(schema.resources)) {
      expect(one.inputProperties.connection?.secret).toBe(true);
    }
  });

  test("refers only to types that it has", () => {
    const referred = JSON.stringify(schema).matchAll(/#\/types\/([\w:]+)/g);
    for (const [, type] of referred) expect(Object.keys(schema.types)).toContain(type);
  });
});

describe("the declarations of the SDK", () => {
  test("let through a program as in the documentation, and refuse wrong fields", () => {
    const folder = mkdtempSync(resolve("dist/.types-"));
    try {
      writeFileSync(join(folder, "fairlead.d.ts"), declarations());
      const check = (text: string) => {
        writeFileSync(join(folder, "index.ts"), `import * as fairlead from "./fairlead";\n${text}`);
        const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext"];
        const more = ["--moduleResolution", "bundler", "--ignoreConfig"];
        try {
          const args = ["node_modules/typescript/bin/tsc", ...flags, ...more];
          execFileSync(process.execPath, [...args, join(folder, "index.ts")]);
          return "";
        } catch (error) {
          return String((error as { stdout: Buffer }).stdout);
        }
      };
      expect(check(GOOD)).toBe("");
      expect(check(GOOD.replace("ports:", "port:"))).toContain("port");
      expect(check(GOOD.replace('"8080:80"', "true"))).toContain("boolean");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

const GOOD = `
const host = new fairlead.Host("web-1", { connection: { host: "203.0.113.10", user: "root" } });
const net = new fairlead.Network("backend", { host });
const data = new fairlead.Volume("data", { host });
const app = new fairlead.Image("app", { host, name: "registry.example.com/app:1.4" });
const web = new fairlead.Container("web", { host, image: app, ports: ["8080:80"],
  mounts: [{ volume: data, target: "/data" }], networks: [{ network: net, aliases: ["web"] }],
  healthcheck: { test: ["CMD", "wget", "-qO-", "localhost:8080"] } });
export const url = web.url;
export const status = fairlead.getContainerOutput({ host, name: web.name }).status;
`;
