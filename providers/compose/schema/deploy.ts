// How many containers a service has, what they may use, and how they are rolled out.

import { listOf, object } from "./collections.ts";
import { decimal, duration, oneOf, scalarShape, size, text, whole } from "./scalars.ts";
import type { Shape } from "./shape.ts";
import { labels, strings } from "./shared.ts";

const deviceCount = scalarShape("all or a number", ["string", "integer"], (value, fail) => {
  if (String(value).toLowerCase() === "all") return -1;
  const count = Number(value);
  return Number.isInteger(count) ? count || undefined : fail(`${value} is not all or a number`);
});

/** Requests for GPUs and other devices. */
export function deviceRequests(needsCapabilities: boolean): Shape {
  return listOf(
    object(
      {
        capabilities: strings,
        driver: text,
        count: deviceCount,
        device_ids: strings,
        options: labels,
      },
      needsCapabilities ? { required: ["capabilities"] } : {},
    ),
  );
}

const rollout = object({
  parallelism: whole({ keep: true, min: 0 }),
  delay: duration({ keep: false }),
  failure_action: text,
  monitor: duration({ keep: false }),
  max_failure_ratio: decimal({ float32: true }),
  order: oneOf("start-first", "stop-first"),
});

const cpus = decimal({ min: 0, float32: true });

export const deploy = object(
  {
    mode: text,
    replicas: whole({ keep: true }),
    labels,
    update_config: rollout,
    rollback_config: rollout,
    resources: object(
      {
        limits: object({ cpus, memory: size, pids: whole() }),
        reservations: object({
          cpus,
          memory: size,
          devices: deviceRequests(true),
          generic_resources: listOf(
            object({
              discrete_resource_spec: object({ kind: text, value: whole({ keep: true }) }),
            }),
          ),
        }),
      },
      { omitEmpty: true },
    ),
    restart_policy: object({
      condition: text,
      delay: duration({ keep: true }),
      max_attempts: whole({ keep: true, min: 0 }),
      window: duration({ keep: true }),
    }),
    placement: object(
      {
        constraints: listOf(text),
        preferences: listOf(object({ spread: text })),
        max_replicas_per_node: whole({ min: 0 }),
      },
      { omitEmpty: true },
    ),
    endpoint_mode: text,
  },
  { nullable: true },
);
