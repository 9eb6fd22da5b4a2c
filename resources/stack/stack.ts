// A stack: everything one project declares, on which hosts, and what waits for what.
import { type HostInput, type HostSpec, host } from "../kinds/host/host.ts";
import { type InputOf, isKind, type Kind, kindOf, type SpecOf } from "../kinds/registry.ts";
import { InvalidDeclaration, joinPath, type Problem } from "../model/problem.ts";
import { inspect } from "../model/schema.ts";
import type { ProjectFolder } from "../plan/project-files.ts";
import { addressOf, type Declared, pathOf } from "../plan/resource.ts";

export type Resource = { [K in Kind]: Declared<SpecOf<K>, K> }[Kind];
export type ResourceInput = { [K in Kind]: Declared<InputOf<K>, K> }[Kind];

/** Everything of one project, checked and in normal form. */
export interface Stack {
  project: string;
  hosts: Record<string, HostSpec>;
  resources: Resource[];
  files?: ProjectFolder | undefined;
}

/** A stack as a person or a front end writes it. */
export interface StackInput {
  project: string;
  hosts: Record<string, HostInput>;
  resources: ResourceInput[];
  /** What of the project's folder goes to the hosts. */
  files?: ProjectFolder | undefined;
}

/** Those of one kind. */
export function resourcesOf<K extends Kind>(
  stack: Stack,
  kind: K,
): Extract<Resource, { kind: K }>[] {
  return stack.resources.filter((one) => one.kind === kind) as Extract<Resource, { kind: K }>[];
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The stack in normal form; throws `InvalidDeclaration` with every problem in it. */
export function checkStack(input: StackInput): Stack {
  const problems: Problem[] = [];
  if (!PROJECT.test(input.project)) {
    problems.push({ path: "project", message: "must be lowercase letters, digits, - or _" });
  }
  const hosts: Record<string, HostSpec> = {};
  for (const [name, value] of Object.entries(input.hosts)) {
    if (!NAME.test(name)) problems.push({ path: joinPath("hosts", name), message: "is no name" });
    const found = inspect(host, value, ["hosts", name]);
    problems.push(...found.problems);
    if (found.value) hosts[name] = found.value;
  }
  const seen = new Set<string>();
  const resources = input.resources.flatMap((resource): Resource[] => {
    problems.push(...placeProblems(resource, input, seen));
    if (!isKind(resource.kind)) return [];
    const found = inspect(kindOf(resource.kind).type, resource.spec, pathOf(resource));
    problems.push(...found.problems);
    return found.value ? [{ ...resource, spec: found.value } as Resource] : [];
  });
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  const { project, files } = input;
  return { project, hosts, resources, ...(files && { files }) };
}

function placeProblems(resource: ResourceInput, input: StackInput, seen: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const path = joinPath(...pathOf(resource));
  if (!Object.hasOwn(input.hosts, resource.host)) {
    problems.push({ path, message: `the host ${JSON.stringify(resource.host)} is not declared` });
  }
  if (!isKind(resource.kind)) {
    problems.push({ path, message: `there is no kind ${JSON.stringify(resource.kind)}` });
  } else if (kindOf(resource.kind).owned && !NAME.test(resource.name)) {
    problems.push({ path, message: "the name must be letters, digits, '_', '.' or '-'" });
  }
  const address = addressOf(resource);
  if (seen.has(address)) problems.push({ path, message: `is declared twice on ${resource.host}` });
  seen.add(address);
  return problems;
}
