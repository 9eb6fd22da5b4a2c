// deploy.placement over the declared hosts: which of them meet the constraints, and in which order
// containers are spread over them. A host is a node: its name here is node.hostname, its labels are
// node.labels.
import { host as hostType } from "../../../resources/kinds/host/host.ts";
import { inspect } from "../../../resources/model/schema.ts";
import type { Service } from "../model/types.ts";
import type { Translation } from "./context.ts";

export type Placement = NonNullable<NonNullable<Service["deploy"]>["placement"]>;

/** A host as placement sees it. */
export interface Node {
  name: string;
  labels: Readonly<Record<string, string>>;
}

export function nodesOf(hosts: Readonly<Record<string, unknown>>): Node[] {
  return Object.entries(hosts).map(([name, spec]) => {
    const found = inspect(hostType, spec).value;
    return { name, labels: found?.labels ?? {} };
  });
}

/** Whether a service says where it may run, beyond naming hosts. */
export function isPlaced(service: Service): boolean {
  const { constraints = [], preferences = [] } = service.deploy?.placement ?? {};
  return constraints.length + preferences.length > 0;
}

/** The nodes that meet all constraints; one that nothing here can judge is refused. */
export function meeting(
  nodes: readonly Node[],
  service: string,
  { constraints = [] }: Placement,
  translation: Translation,
): Node[] {
  const path = ["services", service, "deploy", "placement", "constraints"];
  let left = [...nodes];
  for (const [at, text] of constraints.entries()) {
    const [, subject = "", operator, value = ""] = CONSTRAINT.exec(text) ?? [];
    const of = operator === undefined ? undefined : subjectOf(subject);
    if (of === undefined) {
      const hint = "There are node.hostname and node.labels.NAME, with == or !=.";
      translation.refuse([...path, at], `${JSON.stringify(text)} is not supported`, hint);
      return [];
    }
    if (of === "role") {
      translation.warn([...path, at], "has no effect: hosts have no roles");
      continue;
    }
    // As Swarm compares: without case.
    left = left.filter((node) => {
      return (of(node).toLowerCase() === value.toLowerCase()) === (operator === "==");
    });
  }
  if (left.length === 0) {
    const names = nodes.map(({ name }) => name).join(", ");
    const hint = "Labels are given to a host as x-fairlead: {hosts: {NAME: {labels: {…}}}}.";
    translation.refuse(path, `no host meets them; there are ${names}`, hint);
  }
  return left;
}

/** A host for each of so many containers; fewer where none may have one more. */
export function spreadOver(
  nodes: readonly Node[],
  count: number,
  { preferences = [], max_replicas_per_node: most = 0 }: Placement,
): string[] {
  if (nodes.length === 0) return [];
  const turns = inTurn(
    nodes,
    preferences.flatMap(({ spread }) => (spread === undefined ? [] : [spread])),
  );
  const held = new Map<string, number>();
  const places: string[] = [];
  const full = (name: string) => most > 0 && (held.get(name) ?? 0) >= most;
  const room = most > 0 ? Math.min(count, most * nodes.length) : count;
  while (places.length < room) {
    const { name } = turns.next().value;
    if (full(name)) continue;
    held.set(name, (held.get(name) ?? 0) + 1);
    places.push(name);
  }
  return places;
}

const CONSTRAINT = /^\s*([a-z][\w.-]*)\s*(==|!=)\s*(\S.*?)\s*$/i;
const LABELS = "node.labels.";

function subjectOf(subject: string): ((node: Node) => string) | "role" | undefined {
  if (subject === "node.role") return "role";
  if (subject === "node.hostname") return ({ name }) => name;
  if (subject === "node.platform.os") return () => "linux";
  if (!subject.startsWith(LABELS)) return undefined;
  const label = subject.slice(LABELS.length);
  return ({ labels }) => labels[label] ?? "";
}

/** Without end: the values of the first label in turn, in each those of the next, then hosts. */
function* inTurn(nodes: readonly Node[], labels: readonly string[]): Generator<Node, never> {
  const [label, ...rest] = labels;
  if (label === undefined) {
    for (;;) yield* nodes;
  }
  const of = subjectOf(label);
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const value = typeof of === "function" ? of(node) : "";
    groups.set(value, [...(groups.get(value) ?? []), node]);
  }
  const turns = [...groups.values()].map((group) => inTurn(group, rest));
  for (;;) for (const turn of turns) yield turn.next().value;
}
