// Files made to do harm or nonsense: each is refused in words, soon, and changes nothing else.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadProject } from "../../../providers/compose/model/load.ts";
import { modelYaml } from "../../../providers/compose/model/print.ts";
import { translate } from "../../../providers/compose/translate/translate.ts";
import { FairleadError } from "../../../resources/model/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "compose-hostile-"));
execFileSync("mkfifo", [join(folder, "pipe")]);
writeFileSync(join(folder, "a.yaml"), "services: {a: {image: x}}\n");
const doubled = Array.from({ length: 40 }, (_, at) => `V${at + 1}=$V${at}$V${at}`);
writeFileSync(join(folder, "doubling.env"), ["V0=0123456789", ...doubled].join("\n"));
for (const [index, count] of [3000, 3000].entries()) {
  const paths = Array.from({ length: count }, () => "a.yaml").join(", ");
  writeFileSync(join(folder, `wide-${index + 1}.yaml`), `include: [${paths}]\n`);
}
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string | Uint8Array, environment: Record<string, string> = {}) {
  writeFileSync(join(folder, "compose.yaml"), text);
  return loadProject({ workingDirectory: folder, environment });
}

const web = "services: {web: {image: x}}\n";
const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

describe("a hostile file is refused:", () => {
  const cases: [what: string, text: string | Uint8Array, says: string][] = [
    ["nothing but brackets", "[".repeat(100_000), "nested too deeply"],
    ["maps inside of maps", many(5000, (i) => `${" ".repeat(i % 300)}a${i}:`), "compose.yaml"],
    ["flow maps 300 deep", `x-a: ${"{a: ".repeat(300)}1${"}".repeat(300)}\n${web}`, "200 levels"],
    ["an alias to what it is in", `x-a: &a [*a]\n${web}`, "contains itself"],
    ["an alias to nothing", `x-a: *nope\n${web}`, "nope"],
    ["a merge of a string", `services: {web: {<<: text, image: x}}`, "only maps can be merged"],
    ["more than 10 MB", `${web}#${"x".repeat(10 * 1024 * 1024)}`, "larger than 10 MB"],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00, 0x80]), "not UTF-8"],
    ["a list at the top", "- a\n- b\n", "must be a map"],
    ["a number at the top", "5\n", "must be a map"],
    ["services that are a list", "services: [web]\n", "services: must be a map, not a list"],
    ["another tag", "services: {web: {image: !!python/object x}}\n", "unknown tag"],
    ["a binary key", "? [a, b]\n: 1\n", "a key must be a plain string"],
    [
      "variables 60 deep",
      `services: {web: {image: "${"${A:-".repeat(60)}x${"}".repeat(60)}"}}`,
      "nest too deeply",
    ],
    ["a name of shell commands", 'services: {"a;rm -rf": {image: x}}\n', "not a valid service"],
    [
      "a volume outside of names",
      'services: {web: {image: x, volumes: ["data:/v"]}}\nvolumes: {data: {name: "../../etc"}}\n',
      "volumes.data.name",
    ],
    [
      "a container name with an escape",
      'services: {web: {image: x, container_name: "a\\u001b[2Jb"}}\n',
      "container_name",
    ],
    ["an include of itself", `include: [compose.yaml]\n${web}`, "includes itself"],
    ["an include of a device", `include: [/dev/zero]\n${web}`, "/dev/zero"],
    ["an env file that is a folder", "services: {web: {image: x, env_file: .}}\n", "directory"],
    ["an env file that is a pipe", "services: {web: {image: x, env_file: pipe}}\n", "is a pipe"],
    ["a label file that is a pipe", "services: {web: {image: x, label_file: pipe}}\n", "a pipe"],
    [
      "a file of a pipe to extend",
      "services: {web: {extends: {file: pipe, service: a}}}",
      "a pipe",
    ],
    ["an include of a pipe", `include: [pipe]\n${web}`, "is a pipe"],
    ["an include with variables of a pipe", `include: [{path: a.yaml, env_file: pipe}]`, "a pipe"],
    ["an env file of a device", "services: {web: {image: x, env_file: /dev/zero}}", "a device"],
    ["a billion containers", "services: {web: {image: x, scale: 1000000000}}", "at most 1000"],
    [
      "a billion replicas",
      "services: {web: {image: x, deploy: {replicas: 1000000000}}}",
      "services.web.deploy.replicas",
    ],
    [
      "many services of many replicas",
      `services:\n${many(20, (i) => ` s${i}: {image: x, scale: 1000}`)}`,
      "20000 containers",
    ],
    [
      "all ports there are",
      'services: {web: {image: x, ports: ["1-65535:1-65535"]}}',
      "at most 4096 ports",
    ],
    [
      "many ranges of ports",
      `services:\n${many(40, (i) => ` s${i}: {image: x, ports: ["1-4000:1-4000"]}`)}`,
      "more than 65536 ports",
    ],
    [
      "an env file that doubles",
      "services: {web: {image: x, env_file: doubling.env}}",
      "longer than 1 MB",
    ],
    ["files that include files many times", "include: [wide-1.yaml, wide-2.yaml]", "2000 files"],
    [
      "services that extend each other in a long row",
      `services:\n${many(110, (i) => ` s${i}: {extends: s${i + 1}}`)}\n s110: {image: x}`,
      "more than 100 services",
    ],
  ];
  for (const [what, text, says] of cases) {
    it(what, () => {
      const startedAt = Date.now();
      let error: unknown;
      try {
        translate(load(text));
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(FairleadError);
      expect((error as Error).message).toContain(says);
      expect((error as Error).message).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      expect(Date.now() - startedAt).toBeLessThan(20_000);
    });
  }
});

describe("strange names are only names:", () => {
  it("keys of JavaScript's own objects", () => {
    const text = `services:
  constructor:
    image: x
    labels: {__proto__: a, toString: b}
    environment: [__proto__=c, hasOwnProperty=d]
`;
    const { model } = load(text);
    const [service] = Object.values(model.services);
    expect(Object.entries(service?.labels ?? {})).toEqual([
      ["__proto__", "a"],
      ["toString", "b"],
    ]);
    expect(modelYaml(model)).toContain("__proto__: c");
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it("a service called __proto__ does not reach anything else", () => {
    const { model } = load("services: {__proto__: {image: x}, web: {image: y}}\n");
    expect(Object.keys(model.services)).toContain("web");
    expect(({} as Record<string, unknown>).image).toBeUndefined();
  });

  it("5000 services are read in seconds", () => {
    const startedAt = Date.now();
    const { model } = load(`services:\n${many(5000, (i) => `  s${i}: {image: x, ports: [80]}`)}\n`);
    expect(Object.keys(model.services)).toHaveLength(5000);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
  });
});
