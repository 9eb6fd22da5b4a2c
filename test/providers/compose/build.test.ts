// `build:` of a service becomes the build of its image, on every host that has a use for it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadProject } from "../../../providers/compose/model/load.ts";
import { translate } from "../../../providers/compose/translate/translate.ts";
import { reveal, Secret } from "../../../resources/model/secret.ts";

const folder = mkdtempSync(join(tmpdir(), "compose-build-"));
afterAll(() => rmSync(folder, { recursive: true }));

function translated(text: string, environment: Record<string, string> = {}) {
  writeFileSync(join(folder, "compose.yaml"), `name: app\n${text}`);
  return translate(loadProject({ workingDirectory: folder, environment }));
}

function images(text: string, environment: Record<string, string> = {}) {
  const { stack } = translated(text, environment);
  return stack.resources.flatMap((one) => (one.kind === "image" ? [one] : []));
}

/** The build of a service `web` with these attributes. */
function built(attributes: string, rest = "", environment: Record<string, string> = {}) {
  const text = `services: {web: {build: {${attributes}}}}\n${rest}`;
  return images(text, environment)[0]?.spec.build;
}

function refusal(text: string): string {
  try {
    translated(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("an attribute of build becomes a field of the image's build:", () => {
  const cases: [attributes: string, expected: Record<string, unknown>][] = [
    ["context: ./app", { context: join(folder, "app"), dockerfile: "Dockerfile" }],
    ["dockerfile: ../Other", { context: folder, dockerfile: "../Other" }],
    ["context: 'https://x.io/a.git#v1:sub'", { context: "https://x.io/a.git#v1:sub" }],
    ["context: 'git@x.io:a'", { context: "git@x.io:a" }],
    ["dockerfile_inline: FROM scratch", { dockerfileInline: "FROM scratch" }],
    ["context: ., target: dev, network: none", { target: "dev", network: "none" }],
    [
      "context: ., labels: {a: b}, tags: ['x:1', y]",
      { labels: { a: "b" }, tags: ["x:1", "y:latest"] },
    ],
    ["context: ., extra_hosts: {a: 10.0.0.1}", { extraHosts: { a: ["10.0.0.1"] } }],
    ["context: ., shm_size: 2m, pull: true", { shmSize: 2 * 2 ** 20, pull: true }],
    [
      "context: ., no_cache: true, ulimits: {nofile: 9, core: {soft: 1, hard: 2}}",
      { noCache: true, ulimits: { nofile: { soft: 9, hard: 9 }, core: { soft: 1, hard: 2 } } },
    ],
    [
      "context: ., additional_contexts: {a: ./a, b: 'docker-image://b:1'}",
      { contexts: { a: join(folder, "a"), b: "docker-image://b:1" } },
    ],
  ];
  for (const [attributes, expected] of cases) {
    it(attributes, () => expect(built(attributes)).toMatchObject(expected));
  }

  it("arguments, from the environment too, and never shown", () => {
    const build = built("context: ., args: [A=1, B, C]", "", { B: "hunter2" });
    const args = Object.entries(build?.args ?? {}).map(([name, value]) => [name, reveal(value)]);
    expect(args).toEqual([
      ["A", "1"],
      ["B", "hunter2"],
    ]);
    expect(JSON.stringify(build)).not.toContain("hunter2");
  });

  it("secrets, from files and from the environment", () => {
    const rest = "secrets: {f: {file: ./f}, e: {environment: E}}";
    const build = built("context: ., secrets: [f, {source: e, target: key}]", rest, { E: "pw" });
    const content = build?.secrets?.key?.content;
    expect(build?.secrets?.f).toEqual({ source: join(folder, "f") });
    expect(content).toBeInstanceOf(Secret);
    expect(reveal(content!)).toBe("pw");
  });
});

describe("an image that is built", () => {
  const hosts = "x-fairlead: {hosts: {a: ssh://h@10.0.0.1, b: ssh://h@10.0.0.2}, host: a}\n";
  const names = (text: string) =>
    images(text).map(({ host, spec, builder }) => [host, spec.name, builder ?? ""].join(" "));

  it("has the name of its service, or the one that is given", () => {
    expect(names("services: {web: {build: .}, own: {build: ., image: 'x:2'}}")).toEqual([
      "local x:2 ",
      "local app-web:latest ",
    ]);
  });

  it("is one for services that share it, and for those that only name it", () => {
    const text = "services: {a: {build: ., image: x}, b: {build: ., image: x}, c: {image: x}}";
    expect(names(text)).toEqual(["local x:latest "]);
  });

  it("is on every host of its containers, and on the one that builds", () => {
    const web = "web: {build: ., x-fairlead: {hosts: [a], builder: b}}";
    expect(names(`${hosts}services: {${web}}`)).toEqual([
      "a app-web:latest b",
      "b app-web:latest b",
    ]);
  });

  it("is where another is built on it", () => {
    const base = "base: {build: ./base, scale: 0}";
    const web = "web: {build: {context: ., additional_contexts: {base: 'service:base'}}}";
    const found = images(`${hosts}services: {${web}, ${base}}`);
    expect(found.map(({ host, spec }) => `${host} ${spec.name}`)).toEqual([
      "a app-base:latest",
      "a app-web:latest",
    ]);
    expect(found[1]?.spec.build?.contexts).toEqual({ base: "docker-image://app-base" });
  });

  it("is of the platform that is asked for", () => {
    const of = (more: string) => images(`services: {web: {build: {context: ., ${more}}}}`)[0]?.spec;
    expect(of("platforms: [linux/arm64]")?.platform).toBe("linux/arm64");
    expect(of("platforms: [linux/arm64, linux/amd64]")?.platform).toBeUndefined();
  });

  it("has the limit of contexts that the files say", () => {
    const text = "x-fairlead: {context_limit: 2g}\nservices: {web: {build: .}}";
    expect(images(text)[0]?.spec.build?.limit).toBe(2 * 2 ** 30);
  });
});

describe("what a build cannot have is refused where it stands:", () => {
  const refused: [attributes: string, says: string][] = [
    ["context: https://example.com/a.tar", "https://example.com/a.tar is neither a folder here"],
    [
      "context: ., additional_contexts: {a: 'oci-layout://x'}",
      "oci-layout://x is neither a folder",
    ],
    ["context: ., additional_contexts: {a: 'service:no'}", "there is no service no"],
    ["context: ., cache_to: [type=inline]", "build.cache_to: is not supported"],
    ["context: ., entitlements: [network.host]", "build.entitlements: is not supported"],
    ["context: ., ssh: [default]", "build.ssh: is not supported"],
    ["context: ., privileged: true", "build.privileged: is not supported"],
    ["context: ., provenance: true", "build.provenance: attestations are not made"],
    ["context: ., isolation: hyperv", "build.isolation: is not supported on Linux"],
    ["context: ., tags: ['A B']", "build.tags"],
  ];
  for (const [attributes, says] of refused) {
    it(attributes, () => {
      const message = refusal(`services:\n  web: {build: {${attributes}}}\n`);
      expect(message).toContain(says);
      expect(message).toMatch(/compose.yaml:3:\d+/);
    });
  }

  it("an archive beside it, a policy without it, and a builder that is not declared", () => {
    const web = (more: string) => refusal(`services: {web: {${more}}}`);
    expect(web("build: ., x-fairlead: {image: {archive: a.tar}}")).toContain("excludes build");
    expect(web("image: x, pull_policy: build")).toContain("there is no build: to do so");
    expect(web("build: ., x-fairlead: {builder: b}")).toContain("host b is not declared");
  });

  it("and what has no effect is said", () => {
    const text = "services: {web: {build: {context: ., cache_from: [x]}, pull_policy: always}}";
    expect(translated(text).warnings).toEqual([
      expect.stringContaining("has no effect"),
      expect.stringContaining("has no effect"),
    ]);
    expect(translated("services: {web: {build: ., pull_policy: build}}").warnings).toEqual([]);
  });
});
