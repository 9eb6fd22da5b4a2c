// What the test engine keeps of a resource, and what it derives from a registration.
import type { PulumiObject } from "../../../../providers/pulumi/value.ts";

export interface State {
  urn: string;
  type: string;
  id: string;
  custom: boolean;
  inputs: PulumiObject;
  outputs: PulumiObject;
  initErrors: string[];
  retain: boolean;
  protect: boolean;
}

export function nameOf(urn: string): string {
  return urn.split("::").at(-1)!;
}

export function flagsOf({
  retainOnDelete,
  protect,
}: {
  retainOnDelete: boolean;
  protect: boolean;
}) {
  return { retain: retainOnDelete, protect };
}

export function secondsOf(text: string | undefined): number {
  const match = /^(\d+)(s|m)$/.exec(text ?? "");
  return match ? Number(match[1]) * (match[2] === "m" ? 60 : 1) : 0;
}

export function withIgnored(news: PulumiObject, olds: PulumiObject | undefined, names: string[]) {
  const kept = names.flatMap((name) => (olds && name in olds ? [[name, olds[name]!]] : []));
  return { ...news, ...Object.fromEntries(kept) } as PulumiObject;
}
