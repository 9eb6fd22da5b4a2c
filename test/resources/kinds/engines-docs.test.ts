// docs/engines.md is what the tables of capabilities say: `npm run docs` writes it.
import { expect, test } from "vitest";
import { dockerFacts } from "../../../providers/engine/engines/docker/docker.ts";
import { podmanFacts } from "../../../providers/engine/engines/podman/podman.ts";
import { containerCapabilities } from "../../../resources/kinds/container/change/capabilities.ts";
import { networkCapabilities } from "../../../resources/kinds/network/capabilities.ts";
import { volumeCapabilities } from "../../../resources/kinds/volume/capabilities.ts";
import type { Ability, Capability } from "../../../resources/plan/capability.ts";
import {
  ALL_CAPABILITIES,
  type EngineFacts,
  NO_CAPABILITIES,
} from "../../../resources/plan/observed.ts";

const engine = (name: string, apiVersion: string, can = NO_CAPABILITIES): EngineFacts => {
  return { engine: name, version: "", apiVersion, can };
};
const ENGINES: [title: string, facts: EngineFacts][] = [
  ["fairlead", engine("fairlead", "1.51", ALL_CAPABILITIES)],
  ["Docker 28", engine("docker", "1.51", dockerFacts.can("1.51"))],
  ["Docker 20.10", engine("docker", "1.41", dockerFacts.can("1.41"))],
  ["Podman 4 and 5", engine("podman", "1.41", podmanFacts.can("1.41"))],
];
const TABLES: [string, readonly Capability<never>[]][] = [
  ["container", containerCapabilities as never],
  ["network", networkCapabilities as never],
  ["volume", volumeCapabilities as never],
];

const INTRO = `# What an engine can do

A host's \`engine\` is fairlead's own agent, or a Docker or Podman that is there already. What is
not in these tables works alike on all of them. What a plan asks for and the engine of its host
cannot do is refused by the plan, at the field. Drivers and their options are looked up on the host.
For a host that has no agent yet they are those of the agent that \`up\` brings; what its kernel
lacks, \`up\` tells.
`;

function cell(ability: Ability): string {
  if (ability === "yes") return "yes";
  return "no" in ability ? `no: ${ability.no}` : `${ability.lossy}`;
}

function table(kind: string, capabilities: readonly Capability<never>[]): string {
  const rows = capabilities.map(({ field, use, ability }) => {
    const cells = ENGINES.map(([, facts]) => cell(ability(facts)));
    const asked = use.startsWith("one that");
    return [`\`${field}\`: ${use}`, ...(asked ? ENGINES.map(() => "refused") : cells)];
  });
  const head = [`a ${kind}'s …`, ...ENGINES.map(([title]) => title)];
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)));
  const line = (row: string[]) =>
    `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

test("the page of the engines is up to date", async () => {
  const tables = TABLES.map(([kind, capabilities]) => table(kind, capabilities));
  const page = `${[INTRO.trimEnd(), ...tables].join("\n\n")}\n`;
  await expect(page).toMatchFileSnapshot("../../../docs/engines.md");
});
