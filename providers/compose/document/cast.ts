// Where a string becomes a number or a boolean after its variables are replaced.
import { fits, type Path, type Scalar } from "./node.ts";
import { float32 } from "./scalar.ts";

/** Gives the value, or undefined when the text is not one; `wants` names the type in messages. */
export interface Cast {
  (text: string): Scalar | undefined;
  wants: string;
}

const integer: Cast = Object.assign(
  (text: string) => (/^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined),
  { wants: "a whole number" },
);
const number: Cast = Object.assign(
  (text: string) => {
    const value = Number(text);
    return text.trim() === "" || Number.isNaN(value) ? undefined : value;
  },
  { wants: "a number" },
);
const smallNumber: Cast = Object.assign(
  (text: string) => {
    const value = number(text);
    return typeof value === "number" ? float32(value) : undefined;
  },
  { wants: "a number" },
);
const BOOLEANS = new Map([
  ["true", true],
  ["y", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["n", false],
  ["no", false],
  ["off", false],
]);
const boolean: Cast = Object.assign((text: string) => BOOLEANS.get(text.toLowerCase()), {
  wants: "true or false",
});

const CASTS: readonly (readonly [Cast, readonly string[]])[] = [
  [
    integer,
    [
      "cpu_count",
      "cpu_period",
      "cpu_quota",
      "cpu_rt_period",
      "cpu_rt_runtime",
      "cpu_shares",
      "deploy.replicas",
      "deploy.update_config.parallelism",
      "deploy.rollback_config.parallelism",
      "deploy.restart_policy.max_attempts",
      "deploy.placement.max_replicas_per_node",
      "healthcheck.retries",
      "oom_score_adj",
      "pids_limit",
      "ports.*.target",
      "scale",
      "ulimits.*",
      "ulimits.*.hard",
      "ulimits.*.soft",
    ].map((path) => `services.*.${path}`),
  ],
  [
    number,
    [
      "services.*.cpu_percent",
      "services.*.deploy.update_config.max_failure_ratio",
      "services.*.deploy.rollback_config.max_failure_ratio",
    ],
  ],
  [smallNumber, ["services.*.cpus"]],
  [
    boolean,
    [
      ...[
        "depends_on.*.required",
        "depends_on.*.restart",
        "healthcheck.disable",
        "init",
        "oom_kill_disable",
        "privileged",
        "read_only",
        "stdin_open",
        "tty",
        "volumes.*.read_only",
        "volumes.*.volume.nocopy",
      ].map((path) => `services.*.${path}`),
      "networks.*.external",
      "networks.*.internal",
      "networks.*.attachable",
      "networks.*.enable_ipv4",
      "networks.*.enable_ipv6",
      "volumes.*.external",
      "secrets.*.external",
      "configs.*.external",
    ],
  ],
];

const BY_PATTERN = CASTS.flatMap(([cast, paths]) =>
  paths.map((path) => ({ cast, pattern: path.split(".") })),
);

/** The cast for a path of the model; undefined where strings stay strings. */
export function castFor(path: Path): Cast | undefined {
  return BY_PATTERN.find(({ pattern }) => fits(pattern, path))?.cast;
}

/** The boolean a text means where YAML or Compose accept one; undefined for other text. */
export function booleanOf(text: string): boolean | undefined {
  return BOOLEANS.get(text.toLowerCase());
}
