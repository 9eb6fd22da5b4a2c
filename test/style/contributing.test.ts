// CONTRIBUTING's lists of places, followed for the example that each names: everything that speaks
// of the example is in one of the places, and none of the places has nothing to do with it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dependencies } from "./imports.ts";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(ts|cc|hh|md)$/.test(file) && !file.includes("/cdk/bindings/"));
const texts = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
const graph = dependencies(
  files.filter((file) => file.endsWith(".ts")),
  (file) => texts.get(file)!,
);

/** How the example of a list is found, and where else it may stand because it is something else. */
interface Example {
  found: string[];
  /** Places of the list that are about more than the example. */
  apart?: RegExp;
  /** Files that speak of something of the same name. */
  besides?: Record<string, string>;
  /** How many files of `counted` one more costs; a folder of its own is one. */
  costs?: number;
  counted?: RegExp;
}

const CODE = /^(agent|providers|resources)\/(?!terraform\/cdk\/bindings\/).*\.(ts|cc|hh)$/;

const EXAMPLES: Record<string, Example> = {
  "a field": {
    found: saying(
      /\bcpuset\b(?!-)|CpusetCpus|cpuset\.cpus|cpuset-cpus/,
      /^(resources|providers|agent)\/|edits\.ts$/,
    ),
    besides: {
      "agent/api/build.ts": "builds have limits too",
      "agent/api/container-body.ts": "Docker's older place of the field",
      "providers/engine/docker-api/limits.ts": "what control groups may lack, as Docker tells it",
      "providers/terraform/docs/from-docker.ts": "what another provider calls the field",
      "resources/kinds/container/change/kind.ts": "the same, as a question of a plan",
      "agent/api/system.ts": "whether the kernel has the controller",
    },
    // Declaration, facet, and what Compose files say of it; what an engine does with it is its own.
    ...{ counted: /^(resources|providers)\//, costs: 4 },
  },
  "a kind": {
    found: [
      ...importing(/^resources\/kinds\/volume\//),
      ...files.filter((file) => file.startsWith("resources/kinds/volume/")),
      ...importing(/^providers\/engine\/lifecycle\/storage\.ts$/),
    ],
    apart: /^(resources\/plan\/kind\.ts|test\/providers\/made-up-kind\.ts)$/,
  },
  "an endpoint": {
    found: saying(/"\/volumes\/prune"|\/volumes\/prune/, /^(agent|test\/conformance)\//),
    apart: /^(agent\/(objects\/|routes\.ts)|resources\/wire\.ts)$/,
  },
  "an engine": {
    found: [
      ...files.filter((file) => file.startsWith("providers/engine/engines/podman/")),
      ...importing(/^providers\/engine\/engines\/podman\//),
      ...saying(/"podman"/, /^resources\//),
    ],
    apart: /^providers\/engine\/(connection\/engine-kind|engine)\.ts$/,
    costs: 3,
  },
  "a network driver": {
    found: saying(/\bmacvlan\b/, CODE),
    apart: /^agent\/network\/driver\/driver\.ts$/,
    besides: {
      "agent/network/netlink/link.ts": "the kernel's name for a kind of interface",
      "providers/engine/docker-api/drivers.ts": "what dockerd and podman have",
    },
    costs: 2,
  },
  "a storage driver": {
    found: saying(/\bbtrfs\b/, CODE),
    apart: /^agent\/storage\/driver\/driver\.ts$|^test\//,
    costs: 3,
  },
  "a volume driver": {
    found: [...importing(/^agent\/storage\/volume\/local\.ts$/), "agent/storage/volume/local.ts"],
    apart: /^agent\/storage\/volume\/driver\.ts$/,
    costs: 2,
  },
  "a log driver": {
    found: [...saying(/\bgelf\b/, CODE), ...saying(/^\| `gelf` /m, /^docs\/logs\.md$/)],
    apart: /^agent\/logs\/driver\/driver\.ts$/,
    besides: { "providers/engine/docker-api/drivers.ts": "what dockerd and podman have" },
    costs: 2,
  },
  "another discovery": {
    found: saying(/\bNameTables\b/, CODE),
    apart: /^agent\/network\/discovery\/discovery\.ts$/,
    costs: 2,
  },
  "an instruction of Dockerfiles": {
    found: saying(/\bSTOPSIGNAL\b/, /^(agent|test\/agent\/build)\//),
  },
  "a command": {
    found: [
      ...importing(/^providers\/cli\/commands\/wait\.ts$/),
      "providers/cli/commands/wait.ts",
      ...saying(/^\| `wait /m, /^docs\/cli\.md$/),
    ],
    apart: /^providers\/engine\/engine\.ts$/,
  },
};

const lists = listsOf(texts.get("CONTRIBUTING.md")!);

describe("the list for", () => {
  test("every example is there", () => {
    expect([...lists.keys()]).toEqual(expect.arrayContaining(Object.keys(EXAMPLES)));
  });

  test.each(Object.entries(EXAMPLES))("%s names every place", (title, { found, besides = {} }) => {
    const places = lists.get(title)!;
    const product = found.filter((file) => !file.startsWith("test/") || /edits/.test(file));
    const unnamed = product.filter((file) => !places.some((place) => isAt(place, file)));
    expect(unnamed.toSorted()).toEqual(Object.keys(besides).toSorted());
  });

  test.each(Object.entries(EXAMPLES).filter(([, { costs }]) => costs))(
    "%s asks for as few files as the seams promise",
    (title, { found, besides = {}, costs, counted = /^(agent|providers|resources)\// }) => {
      const places = lists.get(title)!;
      const touched = found
        .filter((file) => counted.test(file) && !(file in besides))
        .map((file) => places.find((place) => place.endsWith("/") && isAt(place, file)) ?? file);
      expect([...new Set(touched)].toSorted(), `costs ${costs}`).toHaveLength(costs!);
    },
  );

  test.each(Object.entries(EXAMPLES))("%s names no place in vain", (title, { found, apart }) => {
    const places = lists.get(title)!.filter((place) => !apart?.test(place));
    expect(places.filter((place) => !found.some((file) => isAt(place, file)))).toEqual([]);
    const missing = lists.get(title)!.filter((place) => !files.some((file) => isAt(place, file)));
    expect(missing, "there are no such files").toEqual([]);
  });
});

/** The paths in each list of places, by what it is about. */
function listsOf(page: string): Map<string, string[]> {
  const [, part = ""] = /## How to add …\n([\s\S]*?)\n## /.exec(page) ?? [];
  const found = part.split(/\n(?=- \*\*)/).flatMap((text): [string, string[]][] => {
    const title = /^- \*\*(.*?)\*\*/.exec(text)?.[1];
    const paths = [...text.matchAll(/`((?:agent|providers|resources|test|docs)\/[^`\s]*)`/g)];
    return title === undefined ? [] : [[title, paths.map((match) => match[1]!)]];
  });
  return new Map(found);
}

/** Whether a file is at a place: the file itself, one of a folder, or NAME for any. */
function isAt(place: string, file: string): boolean {
  if (place.endsWith("/") && !place.includes("NAME")) return file.startsWith(place);
  const pattern = place.replaceAll(".", "\\.").replaceAll("NAME", "[a-z0-9-]+");
  return new RegExp(`^${pattern}${place.endsWith("/") ? ".*" : "$"}`).test(file);
}

/** Files of a part of the tree whose code says it; comments say much. */
function saying(what: RegExp, where: RegExp): string[] {
  return files.filter((file) => {
    if (!where.test(file)) return false;
    return what.test(texts.get(file)!.replaceAll(/^\s*(\/\/|\*).*$/gm, ""));
  });
}

/** Files of the product that import one like this, other than its own neighbours. */
function importing(what: RegExp): string[] {
  return [...graph].flatMap(([file, imports]) =>
    /^(agent|providers|resources)\//.test(file) && imports.some((to) => what.test(to))
      ? [file]
      : [],
  );
}
