// How an image is built. fairlead does not build yet, but reads and prints it like the rest.
import { forms, listOf, object, oneOrMany } from "./collections.ts";
import { flag, scalarShape, size, text } from "./scalars.ts";
import { environment, extraHosts, fileReferences, labels, strings, ulimits } from "./shared.ts";

const listOfText = listOf(text);
const textOrFlag = scalarShape("a string or a boolean", ["string", "boolean"], String);

/** SSH keys are printed as `id` or `id: path`, one string each. */
const ssh = {
  ...labels,
  read: (...parameters: Parameters<typeof labels.read>) => {
    const pairs = environment.read(...parameters);
    if (pairs === undefined) return undefined;
    return Object.entries(pairs).map(([id, path]) => (path === null ? id : `${id}: ${path}`));
  },
};

const buildMap = object({
  context: text,
  dockerfile: text,
  dockerfile_inline: text,
  entitlements: listOfText,
  args: environment,
  provenance: textOrFlag,
  sbom: textOrFlag,
  ssh,
  labels,
  cache_from: listOfText,
  cache_to: listOfText,
  no_cache: flag(),
  additional_contexts: labels,
  pull: flag(),
  extra_hosts: extraHosts,
  isolation: text,
  network: text,
  target: text,
  secrets: fileReferences,
  shm_size: size,
  tags: oneOrMany(text),
  ulimits,
  platforms: strings,
  privileged: flag(),
});

export const build = forms({ scalar: text, map: buildMap }, buildMap);
