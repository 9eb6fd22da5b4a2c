// The registries of drivers: one more of them is a file and a line, which holds only as long as
// nothing else in the agent knows a driver by its name or reaches for its file.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LOG_DRIVERS } from "../../agent/logs/drivers/registry.ts";
import { NETWORK_DRIVERS } from "../../agent/network/drivers/registry.ts";
import { STORAGE_DRIVERS } from "../../agent/storage/drivers/registry.ts";
import { VOLUME_DRIVERS } from "../../agent/storage/volume/registry.ts";

const sources = execFileSync("git", ["ls-files", "--cached", "--others", "agent/**/*.ts"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "");

interface Kind {
  names: readonly string[];
  /** Where the drivers are. */
  folder: string;
  /** Files of the folder that are part of one driver, and the registry. */
  own: RegExp;
  /** Names that mean other things elsewhere: only comparisons with a driver are looked for. */
  common: readonly string[];
  /** What is in a line that speaks of drivers; that of all kinds when absent. */
  speaks?: RegExp;
}

const KINDS: Record<string, Kind> = {
  storage: {
    names: STORAGE_DRIVERS.map(({ name }) => name),
    folder: "agent/storage/drivers/",
    own: /^agent\/storage\/drivers\//,
    common: ["copy", "overlay"],
  },
  volume: {
    names: VOLUME_DRIVERS.map(({ name }) => name),
    folder: "agent/storage/volume/",
    own: /^agent\/storage\/volume\//,
    common: ["local"],
    speaks: /volume/i,
  },
  network: {
    names: NETWORK_DRIVERS.map(({ name }) => name),
    folder: "agent/network/drivers/",
    own: /^agent\/network\/drivers\//,
    common: ["bridge", "host", "null"],
  },
  log: {
    names: LOG_DRIVERS.map(({ name }) => name),
    folder: "agent/logs/drivers/",
    own: /^agent\/(logs\/.*|runtime\/shim-protocol)\.ts$/,
    common: ["none", "local", "syslog"],
    speaks: /log/i,
  },
};

/** Where such a word is not a driver's name. */
const OTHER_MEANING: Record<string, string> = {
  "agent/api/system.ts": "the driver of control groups",
  "agent/network/netlink/link.ts": "the kernel's name for a kind of interface",
  "agent/network/model/network.ts": "what records of an earlier version said",
  "agent/objects/container/create/create.ts": "the host's UTS namespace",
  "agent/runtime/spec.ts": "the choice of a namespace",
};

test.each(Object.entries(KINDS))("no %s driver is known by its name elsewhere", (_, kind) => {
  const found = sources
    .filter((file) => !kind.own.test(file) && OTHER_MEANING[file] === undefined)
    .flatMap((file) =>
      mentions(readFileSync(file, "utf8"), kind).map((line) => `${file}: ${line}`),
    );
  expect(found).toEqual([]);
});

test.each(Object.entries(KINDS))("every %s driver is reached through the registry", (_, kind) => {
  const registries = sources.filter((file) => file === `${kind.folder}registry.ts`);
  expect(registries).toHaveLength(1);
  const registry = readFileSync(registries[0] ?? "", "utf8");
  const driverFiles = [...registry.matchAll(/from "\.\/([a-z-]+)\.ts"/g)].map((match) => match[1]);
  const direct = sources
    .filter((file) => !kind.own.test(file))
    .filter((file) => {
      const text = readFileSync(file, "utf8");
      const folder = kind.folder.split("/").at(-2);
      return driverFiles.some(
        (name) => name !== "driver" && text.includes(`${folder}/${name}.ts"`),
      );
    });
  expect(direct).toEqual([]);
});

/** Lines with a name as text; of a common one those that speak of drivers or network modes. */
const SPEAKS = /driver|storage|networkmode|\.network\b/i;

function mentions(text: string, { names, common, speaks = SPEAKS }: Kind): string[] {
  return text
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .filter((line) =>
      names.some((name) => {
        if (!line.includes(`"${name}"`)) return false;
        return !common.includes(name) || speaks.test(line.replace(/syslog/gi, ""));
      }),
    )
    .map((line) => line.trim());
}
