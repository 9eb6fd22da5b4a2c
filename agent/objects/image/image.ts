// One image as Docker shows it: inspect, list entry, history. Pure: everything is given.
import type { HistoryResponseItem, ImageInspect, ImageSummary } from "@docker/node-sdk";
import { familiarReference, parseReference } from "../../../resources/model/reference.ts";
import type { ImageRecord } from "../../images/catalog.ts";
import type { LayerRecord } from "../../images/layer-store.ts";
import type { ImageDocument } from "../../images/manifest.ts";

/** An image with its configuration read. */
export interface ShownImage {
  record: ImageRecord;
  document: ImageDocument;
}

const ZERO_TIME = "0001-01-01T00:00:00Z";

export function inspectImage(
  { record, document }: ShownImage,
  driver: string,
  apiVersion: number,
): ImageInspect {
  const { history = [], architecture, os, variant } = document;
  return {
    Id: record.id,
    RepoTags: record.tags.map(familiar),
    RepoDigests: record.digests.map(familiar),
    Parent: "",
    Comment: history.at(-1)?.comment ?? "",
    Created: document.created ?? ZERO_TIME,
    DockerVersion: "",
    Author: document.author ?? "",
    Config: (document.config ?? {}) as NonNullable<ImageInspect["Config"]>,
    Architecture: architecture,
    ...(variant === undefined ? {} : { Variant: variant }),
    Os: os,
    Size: record.sizeBytes,
    // Dropped in API 1.44.
    ...(apiVersion < 1.44 ? { VirtualSize: record.sizeBytes } : {}),
    GraphDriver: { Name: driver, Data: {} },
    RootFS: { Type: "layers", Layers: document.rootfs.diff_ids },
    Metadata: { LastTagTime: record.taggedAt ?? ZERO_TIME },
  };
}

export interface SummaryOptions {
  apiVersion: number;
  /** Bytes of layers that other images have too; undefined when nobody asked. */
  sharedBytes?: number;
  /** Number of containers; undefined when nobody asked. */
  containers?: number;
  manifests?: boolean;
}

export function summariseImage(image: ShownImage, options: SummaryOptions): ImageSummary {
  const { record, document } = image;
  const dangling = record.tags.length === 0 && record.digests.length === 0;
  // Empty lists since API 1.43.
  const old = options.apiVersion < 1.43 && dangling;
  return {
    Id: record.id,
    ParentId: "",
    RepoTags: old ? ["<none>:<none>"] : record.tags.map(familiar),
    RepoDigests: old ? ["<none>@<none>"] : record.digests.map(familiar),
    Created: createdSeconds(document),
    Size: record.sizeBytes,
    SharedSize: options.sharedBytes ?? -1,
    ...(options.apiVersion < 1.44 ? { VirtualSize: record.sizeBytes } : {}),
    Labels: document.config?.Labels ?? {},
    Containers: options.containers ?? -1,
  };
}

/** Newest step first, as Docker tells it; `layers` are those of the image, lowest first. */
export function historyOf(
  { record, document }: ShownImage,
  layers: readonly (LayerRecord | undefined)[],
): HistoryResponseItem[] {
  const steps = document.history ?? [];
  let layer = 0;
  const items = steps.map((step) => ({
    Id: "<missing>",
    Created: seconds(step.created),
    CreatedBy: text(step.created_by),
    Tags: null as unknown as string[],
    Size: step.empty_layer === true ? 0 : (layers[layer++]?.bytes ?? 0),
    Comment: text(step.comment),
  }));
  const newest = items.at(-1);
  if (newest !== undefined) {
    newest.Id = record.id;
    newest.Tags = record.tags.map(familiar);
  }
  return items.reverse();
}

/** Seconds since 1970; 0 when the image does not tell. */
export function createdSeconds(document: ImageDocument): number {
  return seconds(document.created);
}

/** `docker.io/library/busybox:1` as `busybox:1`. */
export function familiar(name: string): string {
  return familiarReference(parseReference(name));
}

function seconds(time: unknown): number {
  const ms = Date.parse(text(time));
  return Number.isNaN(ms) || ms < 0 ? 0 : Math.floor(ms / 1000);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
