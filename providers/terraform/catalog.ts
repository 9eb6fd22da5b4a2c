// Everything this provider offers, by name; the schema, the docs and the bindings read it.
import { KINDS, type Kind } from "../../resources/kinds/registry.ts";
import { composeStackResource } from "./compose/type.ts";
import { containersSource, hostSource, logsSource } from "./data/host.ts";
import { objectSource } from "./data/objects.ts";
import { tunnel } from "./data/tunnel.ts";
import type { DataSource, Ephemeral } from "./data/type.ts";
import { hostResource } from "./resource/host.ts";
import { objectType } from "./resource/stack-object.ts";
import type { ResourceType } from "./resource/type.ts";

export const RESOURCES: ResourceType[] = [
  hostResource,
  ...KINDS.map(({ kind }) => objectType(kind as Kind)),
  composeStackResource,
];

export const DATA_SOURCES: DataSource[] = [
  hostSource,
  ...KINDS.map(({ kind }) => objectSource(kind as Kind)),
  containersSource,
  logsSource,
];

export const EPHEMERALS: Ephemeral[] = [tunnel];
