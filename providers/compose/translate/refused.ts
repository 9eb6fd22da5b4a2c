// Attributes that are valid in Compose and cannot be honoured here: refused by name, or, where they
// only steer other tools, accepted with a warning. Nothing is dropped in silence.
import type { Service } from "../model/types.ts";
import type { Translation } from "./context.ts";

/** Refused when present. */
const REFUSED: Readonly<Record<string, string | undefined>> = {
  cpu_count: "Use cpus.",
  cpu_percent: "Use cpus.",
  credential_spec: undefined,
  gpus: undefined,
  models: undefined,
  provider: undefined,
};

/** Has no effect outside of Swarm, in Docker Compose neither. */
const SWARM_ONLY = ["labels", "endpoint_mode", "rollback_config"] as const;

/** Reports what of a service cannot be honoured. */
export function refuseUnsupported(name: string, service: Service, translation: Translation): void {
  const path = ["services", name];
  for (const [key, hint] of Object.entries(REFUSED)) {
    if (service[key as keyof Service] === undefined) continue;
    translation.refuse([...path, key], "is not supported", hint ?? "Remove it.");
  }
  if (service.isolation !== undefined && service.isolation !== "default") {
    translation.refuse([...path, "isolation"], "is not supported on Linux", "Remove it.");
  }
  if (service.attach === true) translation.warn([...path, "attach"], "has no effect: up returns");
  refuseDeploy(path, service, translation);
}

function refuseDeploy(path: string[], service: Service, translation: Translation): void {
  const { deploy } = service;
  if (deploy === undefined) return;
  const at = [...path, "deploy"];
  const { resources, restart_policy: policy, update_config: update } = deploy;
  if (deploy.mode !== undefined && !["replicated", "global"].includes(deploy.mode)) {
    translation.refuse([...at, "mode"], `${deploy.mode} is not supported`, "Write x-fairlead.job.");
  }
  for (const key of ["devices", "generic_resources"] as const) {
    if (resources?.reservations?.[key] === undefined) continue;
    translation.refuse([...at, "resources", "reservations", key], "is not supported", "Remove it.");
  }
  for (const key of SWARM_ONLY) {
    if (deploy[key] !== undefined) translation.warn([...at, key], "has no effect outside of Swarm");
  }
  for (const key of ["parallelism", "delay", "failure_action", "max_failure_ratio"] as const) {
    if (update?.[key] === undefined) continue;
    translation.warn([...at, "update_config", key], "has no effect outside of Swarm");
  }
  for (const key of ["delay", "window"] as const) {
    if (policy?.[key] === undefined) continue;
    translation.warn(
      [...at, "restart_policy", key],
      "has no effect: the delay doubles from 100 ms",
    );
  }
}
