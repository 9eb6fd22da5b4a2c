// Everything a program may import from "fairlead".

export type { Change, FieldChange } from "../resources/change.ts";
export type { ContainerInput, ContainerSpec } from "../resources/container.ts";
export { type ErrorCode, FairleadError } from "../resources/errors.ts";
export type { HostInput, HostSpec } from "../resources/host.ts";
export type { ImageInput, ImageSpec } from "../resources/image.ts";
export type { NetworkInput, NetworkSpec } from "../resources/network.ts";
export {
  type Action,
  countPlan,
  isEmpty,
  type Operation,
  type Orphan,
  type Plan,
} from "../resources/operation.ts";
export { InvalidDeclaration, type Problem } from "../resources/problem.ts";
export { Secret, secret } from "../resources/secret.ts";
export {
  checkStack,
  type Dependency,
  type Resource,
  type ResourceInput,
  type Stack,
  type StackInput,
} from "../resources/stack.ts";
export type { VolumeInput, VolumeSpec } from "../resources/volume.ts";
export type { Connect, EngineAnswer, EngineClient, EngineRequest } from "./engine/engine.ts";
export { Hosts, type HostsOptions } from "./engine/hosts/hosts.ts";
export type { Evidence, Progress, ProgressEvent } from "./engine/progress.ts";
export {
  type ApplyOptions,
  type ApplyResult,
  apply,
  type PlanOptions,
  plan,
} from "./engine/reconcile.ts";
