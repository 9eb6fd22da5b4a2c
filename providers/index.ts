// Everything a program may import from "fairlead".

export type { ContainerInput, ContainerSpec } from "../resources/kinds/container/container.ts";
export type { HostInput, HostSpec } from "../resources/kinds/host/host.ts";
export type { ImageInput, ImageSpec } from "../resources/kinds/image/image.ts";
export type { NetworkInput, NetworkSpec } from "../resources/kinds/network/network.ts";
export type { VolumeInput, VolumeSpec } from "../resources/kinds/volume/volume.ts";
export type { Change, FieldChange } from "../resources/model/change.ts";
export { type ErrorCode, FairleadError } from "../resources/model/errors.ts";
export { InvalidDeclaration, type Problem } from "../resources/model/problem.ts";
export { Secret, secret } from "../resources/model/secret.ts";
export {
  type Action,
  countPlan,
  isEmpty,
  type Operation,
  type Orphan,
  type Plan,
} from "../resources/plan/operation.ts";
export type { Dependency } from "../resources/plan/resource.ts";
export {
  checkStack,
  type Resource,
  type ResourceInput,
  type Stack,
  type StackInput,
} from "../resources/stack/stack.ts";
export type { Connect, EngineClient } from "./engine/engine.ts";
export { Hosts, type HostsOptions } from "./engine/hosts/hosts.ts";
export {
  type ApplyOptions,
  type ApplyResult,
  apply,
  type PlanOptions,
  plan,
} from "./engine/reconcile/reconcile.ts";
export type { Evidence, Progress, ProgressEvent } from "./engine/report/progress.ts";
