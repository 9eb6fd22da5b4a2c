// The kind "volume": what stacks, plans and front ends know of volumes.
import type { Volume } from "@docker/node-sdk";
import { FairleadError } from "../../model/errors.ts";
import { capabilityProblems } from "../../plan/capability.ts";
import { changeOf, type DiffContext } from "../../plan/diff.ts";
import { changesBy, shownBy } from "../../plan/facet.ts";
import type { KindEntry } from "../../plan/kind.ts";
import { planLabelled } from "../../plan/labelled.ts";
import { volumeCapabilities } from "./capabilities.ts";
import { normalVolume, volumeFacets } from "./docker.ts";
import { type VolumeInput, type VolumeSpec, volume } from "./volume.ts";

/** What has to be done so that a volume is as declared; refuses whatever would cost its data. */
export function diffVolume(spec: VolumeSpec, seen: Volume, context: DiffContext) {
  const sides = { desired: normalVolume(spec), seen, labels: seen.Labels };
  const changes = changesBy(volume, volumeFacets, sides, { ...context, editsLabels: true });
  const refused = changes.filter(({ rule, field }) => {
    return rule === "refuse" || (!context.editsLabels && field.startsWith("labels"));
  });
  if (refused.length === 0) return changeOf(changes);
  const names = refused.map(({ field }) => field).join(", ");
  const error = new FairleadError(
    "conflict",
    `volume ${seen.Name}: ${names} cannot be changed without destroying its data`,
    {
      path: `volumes.${context.name}`,
      hint: "Take the edit back, or declare a volume of another name and move the data.",
    },
  );
  return { action: "refuse" as const, fields: refused, error };
}

export const volumeKind: KindEntry<VolumeSpec, Volume, VolumeInput> = {
  kind: "volume",
  title: "Volume",
  doc: "A volume on a host.",
  about: "A volume on a host. No edit of it destroys data: what would is refused.",
  example: "data",
  sample: { name: "data", spec: { labels: { backup: "daily" } } },
  type: volume,
  facets: volumeFacets,
  facts: [
    {
      name: "mountpoint",
      doc: "Where its data is on the host.",
      ...{ type: "text", changes: "never", of: ({ Mountpoint }) => Mountpoint ?? "" },
    },
  ],
  join: "_",
  owned: true,
  holdsData: true,
  replaces: false,
  runs: false,
  placed: (spec) => spec,
  needs: () => [],
  refusals: (resource, facts) => capabilityProblems(volumeCapabilities, resource, facts),
  asksDrivers: ({ driver, driverOpts }) => (driver ?? driverOpts) !== undefined,
  seenOn: ({ volumes }) => volumes,
  find: ({ volumes }, name) => volumes.find(({ Name }) => Name === name),
  nameOf: ({ Name }) => Name,
  idOf: ({ Name }) => Name,
  labelsOf: ({ Labels }) => Labels,
  normal: normalVolume,
  shown: (seen) => shownBy(volumeFacets, seen),
  diff: diffVolume,
  plan: (draft, resource) => planLabelled(draft, resource, volumeKind),
};
