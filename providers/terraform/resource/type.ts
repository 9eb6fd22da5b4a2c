// What every resource type answers; the service turns it into protocol messages.
import type { Observer } from "../../engine/single/observer.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { Diagnostic } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";
import type { Connections } from "../session/connections.ts";
import type { Settings } from "../session/settings.ts";

/** What one run of the provider shares. */
export interface Session {
  settings: Settings;
  connections: Connections;
  observer: Observer;
  /** Why a host could not be read; its plan says so, unless it is to be reached in another way. */
  unreachable: Map<string, unknown>;
  /** Hosts whose failure was reported. */
  reported: Set<string>;
  /** Hosts that this plan moves to another machine, and whether it is known to which. */
  moving: Map<string, "known" | "unknown">;
  /** Ids of what a creation of this run has taken over: destroying the old one leaves them. */
  taken: Set<string>;
  /** Aborted when Terraform says stop. */
  stop: AbortSignal;
}

/** What a resource remembers beside its state: Terraform keeps it and shows it to nobody. */
export interface Remembered {
  /** How the host was reached, for a process in which the host resource is not asked. */
  connect?: Record<string, unknown>;
  /** The name in the labels, which stays when the object is renamed. */
  resource?: string;
  /** The same for a stack, by the id of each host. */
  hosts?: Record<string, Record<string, unknown>>;
  /** Names of write-only environment variables. */
  hiddenEnv?: string[];
}

export interface PlanCall {
  prior: TerraformObject | null;
  /** Null when the object is to be destroyed. */
  proposed: TerraformObject | null;
  config: TerraformObject | null;
  remembered: Remembered;
}

export interface PlanAnswer {
  state: TerraformObject | null;
  replace?: string[];
  remembered?: Remembered;
  diagnostics: Diagnostic[];
}

export interface ApplyCall {
  prior: TerraformObject | null;
  planned: TerraformObject | null;
  config: TerraformObject | null;
  remembered: Remembered;
}

export interface StateAnswer {
  state: TerraformObject | null;
  remembered?: Remembered;
  diagnostics: Diagnostic[];
}

export interface ResourceType {
  /** `fairlead_container`. */
  name: string;
  doc: string;
  attributes: Attribute[];
  validate(config: TerraformObject): Diagnostic[] | Promise<Diagnostic[]>;
  plan(call: PlanCall, session: Session): Promise<PlanAnswer>;
  apply(call: ApplyCall, session: Session): Promise<StateAnswer>;
  read(state: TerraformObject, remembered: Remembered, session: Session): Promise<StateAnswer>;
  import(id: string, session: Session): Promise<StateAnswer>;
}
