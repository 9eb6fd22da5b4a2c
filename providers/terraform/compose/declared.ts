// From the attributes of a fairlead_compose_stack to the stack that its files declare, and to the
// outline of that. Reads files; asks no host.

import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import type { HostInput } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { Secret } from "../../../resources/model/secret.ts";
import { saltOf } from "../../../resources/plan/ownership.ts";
import { addressOf } from "../../../resources/plan/resource.ts";
import { resolveStack } from "../../../resources/stack/resolve.ts";
import type { Resource, Stack } from "../../../resources/stack/stack.ts";
import { readFileSources } from "../../engine/project-files/file-source.ts";
import { normalOf } from "../../engine/single/definition.ts";
import { Unknown } from "../protocol/value.ts";
import { aboutFile, type Diagnostic, diagnosticsOf, problem } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { type Outline, outlineOf } from "./outline.ts";

export interface Declared {
  stack: Stack;
  /** By `HOST/KIND/NAME`, without a host where there is only one. */
  objects: Record<string, Outline>;
  warnings: string[];
}

/** The name that a stack's one host has in it. */
const ONE = "host";
/** Stands for a host of which nothing is known yet. */
const PENDING: HostInput = { host: "not-known-yet" };

/** The hosts by their names in the stack, each an id or an address; null for one not known yet. */
export function placesOf({ host, hosts }: TerraformObject): Record<string, string | null> {
  const known = (value: unknown) => (value instanceof Unknown ? null : String(value));
  if (host !== null && host !== undefined) return { [ONE]: known(host) };
  const entries = Object.entries((hosts ?? {}) as TerraformObject);
  return Object.fromEntries(entries.map(([name, value]) => [name, known(value)]));
}

/** `container/app` where there is one host, else `web/container/app`. */
export function addressIn(stack: TerraformObject, host: string, ...rest: string[]): string {
  return [...((stack.host ?? null) === null ? [host] : []), ...rest].join("/");
}

/**
 * The stack of a configuration whose text, files and variables are known. `hosts` say how the
 * places are reached, as far as that is known.
 */
export async function declaredStack(
  config: TerraformObject,
  hosts: Readonly<Record<string, HostInput>> = {},
): Promise<Declared> {
  const { composeStack } = await import("../../compose/index.ts");
  const places = placesOf(config);
  const given = Object.fromEntries(
    Object.keys(places).map((name) => [name, hosts[name] ?? PENDING]),
  );
  const { stack, warnings, project } = composeStack(optionsOf(config), given);
  const others = Object.keys(stack.hosts).filter((name) => !Object.hasOwn(places, name));
  if (others.length > 0) {
    throw new FairleadError("invalid", `hosts of the file are not given: ${others.join(", ")}`, {
      hint: "Add each to hosts: the id of a fairlead_host, or an address.",
    });
  }
  const hidden = Object.values((config.environment_wo ?? {}) as Record<string, string>);
  const read = await readFileSources(marked(stack, hidden));
  const declared = new Set(read.resources.map(addressOf));
  const objects = resolveStack(read).flatMap((one): [string, Outline][] => {
    // What another one only mentions is told there.
    if (!declared.has(addressOf(one))) return [];
    const salt = saltOf(stack.project, one.name);
    const outline = outlineOf(normalOf(one.kind, one.spec), { salt, hidden });
    return [[addressIn(config, one.host, one.kind, one.name), outline]];
  });
  return {
    ...{ stack: read, objects: Object.fromEntries(objects) },
    warnings: [...project.warnings, ...warnings],
  };
}

/** What is wrong with a declaration, each problem by itself. */
export async function composeDiagnostics(error: unknown): Promise<Diagnostic[]> {
  const { ComposeError, problemText } = await import("../../compose/index.ts");
  if (!(error instanceof ComposeError)) return diagnosticsOf(error);
  return error.problems.map((one) => problem(aboutFile(problemText(one))));
}

function optionsOf(config: TerraformObject) {
  const { content, files, directory, env_files, profiles, environment, environment_wo } = config;
  const list = (value: unknown) => (Array.isArray(value) ? (value as string[]) : undefined);
  const variables = { ...(environment as object), ...(environment_wo as object) };
  return {
    files: typeof content === "string" ? ["-"] : (list(files) ?? []),
    environment: variables as Record<string, string>,
    envFiles: list(env_files) ?? [],
    profiles: list(profiles) ?? [],
    ...(typeof content === "string" ? { content } : {}),
    ...(typeof config.name === "string" ? { projectName: config.name } : {}),
    ...(typeof directory === "string" ? { projectDirectory: directory } : {}),
  };
}

// What has a write-only value in it is a secret everywhere, also in the labels on the host.
function marked(stack: Stack, hidden: readonly string[]): Stack {
  const holds = (value: unknown) =>
    typeof value === "string" && hidden.some((one) => one !== "" && value.includes(one));
  const resources = stack.resources.map((resource): Resource => {
    const { env, files } = resource.spec as Pick<ContainerSpec, "env" | "files">;
    if (!env && !files) return resource;
    const spec = {
      ...resource.spec,
      ...(env && {
        env: Object.fromEntries(
          Object.entries(env).map(([key, one]) => [
            key,
            holds(one) ? new Secret(one as string) : one,
          ]),
        ),
      }),
      ...(files && {
        files: files.map((file) =>
          holds(file.content)
            ? { ...file, content: new Secret(file.content as string), mode: file.mode ?? 0o444 }
            : file,
        ),
      }),
    };
    return { ...resource, spec } as Resource;
  });
  return { ...stack, resources };
}
