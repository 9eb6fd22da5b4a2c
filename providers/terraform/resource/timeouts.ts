// How long an operation may take: the attribute `timeouts` of every resource, and its signal.
import { parseDuration } from "../../../resources/model/units.ts";
import { signalWithin } from "../../engine/deadline.ts";
import type { Attribute } from "../schema/attribute.ts";
import { type Diagnostic, problem } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";

const DEFAULTS_MS = { create: 20 * 60_000, update: 20 * 60_000, delete: 10 * 60_000 };
const DOCS = { create: "20m", update: "20m", delete: "10m" };
export type Timed = keyof typeof DEFAULTS_MS;

export const timeoutsAttribute: Attribute = {
  name: "timeouts",
  doc: "How long an operation may take.",
  mode: "optional",
  rule: "policy",
  type: {
    kind: "object",
    attributes: Object.entries(DOCS).map(([name, length]) => ({
      name,
      doc: `Time to ${name}, such as \`30s\` or \`5m\`.`,
      type: { kind: "string", form: "duration" },
      mode: "optional",
      rule: "policy",
      default: length,
    })),
  },
};

/** Aborted when the operation has taken too long, or Terraform says stop. */
export function deadline(
  object: TerraformObject | null,
  operation: Timed,
  stop: AbortSignal,
): AbortSignal {
  const given = (object?.timeouts as TerraformObject | null)?.[operation];
  const ms = typeof given === "string" ? parseDuration(given) : undefined;
  return signalWithin(ms ?? DEFAULTS_MS[operation], stop);
}

/** Timeouts that are no durations. */
export function timeoutProblems(config: TerraformObject): Diagnostic[] {
  const given = Object.entries((config.timeouts as TerraformObject | null) ?? {});
  return given.flatMap(([name, value]) =>
    typeof value === "string" && !parseDuration(value)
      ? [problem(`timeouts.${name}: ${JSON.stringify(value)} is not a duration`, "", "timeouts")]
      : [],
  );
}
