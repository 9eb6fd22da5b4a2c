// A plan and its operations: values that are printed, serialised, compared and then executed.
// They hold no secret; the executor takes the specs from the stack.
import type { FieldChange } from "../model/change.ts";

export type Action =
  | "pull"
  | "deliver"
  | "build"
  | "create"
  | "adopt"
  | "update"
  | "replace"
  | "start"
  | "restart"
  | "signal"
  /** Nothing is changed: it is waited for until it is well, and told why when it is not. */
  | "verify"
  | "stop"
  | "remove";

/** One step of a plan: one object, one action, one cause. */
export interface Operation {
  /** Unique in the plan and stable from run to run: `HOST/KIND/NAME ACTION`. */
  id: string;
  action: Action;
  host: string;
  kind: string;
  /** Resource name. */
  name: string;
  /** Name on the host. */
  object: string;
  /** Id on the host of what exists now; absent for a creation. */
  objectId?: string;
  /** The state that the plan was made from, for a change in place; another one is left alone. */
  revision?: string;
  /** Why, as a clause: `is not there`, `image app:1.4 changed`. */
  cause: string;
  /** What differs, for update and replace. */
  changes: FieldChange[];
  /** Ids of the operations that must have succeeded before. */
  dependsOn: string[];
  /** Ids of operations after which this one runs even if they failed. */
  after: string[];
  /** For a replacement: which container runs first, and why. */
  order?: { first: "start" | "stop"; cause: string };
  /** What must hold of others that run when this operation starts. */
  waitsFor: Gate[];
  /** For `signal`: which one. */
  signal?: string;
  /** For `deliver` of an image that another host has built: which host. */
  builtOn?: string;
  /** The image the object gets, when the plan knows it: an id or a digest. */
  image?: string;
}

/** A condition on something else of the stack that runs. */
export interface Gate {
  host: string;
  kind: string;
  /** Resource name. */
  name: string;
  condition: "started" | "healthy" | "completed";
  required: boolean;
}

/** Something of the project that exists and is no longer declared. */
export interface Orphan {
  host: string;
  kind: string;
  name: string;
  object: string;
  id: string;
}

export interface PlannedHost {
  name: string;
  /** As a person would write it: `ssh://deploy@203.0.113.10` or `local`. */
  address: string;
  engine: string;
  /** Engine version that answered; empty while none is installed. */
  version: string;
  /** The agent's version after an apply, when that differs. */
  upgrade?: string;
}

export interface Plan {
  /** Form of this value. */
  version: 1;
  project: string;
  direction: "up" | "down";
  /** With `down`: the data goes too, also that of volumes without a name. */
  volumes?: true;
  hosts: PlannedHost[];
  /** In an order that respects every dependency. */
  operations: Operation[];
  /** Declared and as declared, as `HOST/KIND/NAME`. */
  unchanged: string[];
  /** Kept; the plan removes them only when asked. */
  orphans: Orphan[];
  /** Things a person should know that stop nothing. */
  notes: string[];
}

/** How many objects a plan makes, changes, replaces and removes. */
export function countPlan(plan: Plan) {
  const of = (...actions: Action[]) =>
    plan.operations.filter(({ action }) => actions.includes(action)).length;
  return {
    create: of("create", "pull", "deliver", "build"),
    update: of("update", "adopt", "start", "restart", "signal"),
    verify: of("verify"),
    replace: of("replace"),
    remove: of("remove", "stop"),
  };
}

/** True when there is nothing to do. */
export function isEmpty(plan: Plan): boolean {
  return plan.operations.length === 0;
}
