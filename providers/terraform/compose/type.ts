// The resource type fairlead_compose_stack: what a Compose file declares, on a host or several. The
// engine plans and applies it as a whole; Terraform sees every object and field of it.
import { FairleadError } from "../../../resources/model/errors.ts";
import { isEmpty } from "../../../resources/plan/operation.ts";
import { plan } from "../../engine/reconcile/reconcile.ts";
import { log } from "../protocol/log.ts";
import { hasUnknown, same, UNKNOWN } from "../protocol/value.ts";
import { type Planned, planObject } from "../resource/planning.ts";
import { timeoutProblems } from "../resource/timeouts.ts";
import type { PlanAnswer, PlanCall, ResourceType, Session } from "../resource/type.ts";
import { type Diagnostic, problem } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { applyStack } from "./apply.ts";
import { DECLARING, stackAttributes } from "./attributes.ts";
import { composeDiagnostics, type Declared, declaredStack, placesOf } from "./declared.ts";
import { connecting, placesAt, rememberedHosts } from "./hosts.ts";
import { importStack, readStack } from "./read.ts";

export const composeStackResource: ResourceType = {
  name: "fairlead_compose_stack",
  doc: "What Compose files declare, on a host or several: one project, planned as a whole.",
  attributes: stackAttributes,
  validate: validateStack,
  plan: planStack,
  apply: applyStack,
  read: readStack,
  import: importStack,
};

async function validateStack(config: TerraformObject): Promise<Diagnostic[]> {
  const given = (...names: string[]) => names.filter((name) => (config[name] ?? null) !== null);
  const found = timeoutProblems(config);
  if (given("content", "files").length !== 1) {
    found.push(problem("give either files or content", "", "files"));
  }
  if (given("host", "hosts").length !== 1) {
    found.push(problem("give either host or hosts", "A host, or several by name.", "host"));
  }
  if (found.length > 0 || isOpen(config)) return found;
  try {
    await declaredStack(config);
    return [];
  } catch (error) {
    return composeDiagnostics(error);
  }
}

async function planStack(call: PlanCall, session: Session): Promise<PlanAnswer> {
  const { prior, proposed, config } = call;
  const remembered = rememberedHosts([prior, proposed], call.remembered, session);
  if (proposed === null || config === null) return { state: null, remembered, diagnostics: [] };
  const planned = planObject(stackAttributes, { prior, proposed, config }, () => false);
  const answer: PlanAnswer = { ...planned, remembered, diagnostics: [] };
  try {
    if (isOpen(config)) Object.assign(planned.state, { objects: UNKNOWN, containers: UNKNOWN });
    else await plannedFrom(await declaredStack(config), { ...call, remembered }, planned, session);
  } catch (error) {
    answer.diagnostics.push(...(await composeDiagnostics(error)));
  }
  return answer;
}

async function plannedFrom(
  declared: Declared,
  { prior, config, remembered }: PlanCall,
  planned: Planned,
  session: Session,
): Promise<void> {
  const { state, replace, changed } = planned;
  const { stack, objects, warnings } = declared;
  if (stack.project === session.settings.project) {
    throw new FairleadError("invalid", `${stack.project} is the provider's own project`, {
      hint: "Give the stack another name: what one does not declare, the other must not remove.",
    });
  }
  for (const warning of warnings) log("warn", warning);
  if (prior !== null && state.name !== stack.project) replace.push("name");
  Object.assign(state, { name: stack.project, objects, id: idOf(state, stack.project) });
  const edited = changed.some((name) => name !== "timeouts");
  if (prior === null || replace.length > 0 || edited || !same(prior.objects ?? null, objects)) {
    state.containers = UNKNOWN;
    return;
  }
  const places = await placesAt(config!, remembered, session);
  const hosts = Object.fromEntries([...places].map(([name, { spec }]) => [name, spec]));
  const steps = await plan({ ...stack, hosts } as never, {
    ...{ connect: connecting(places, "connectReadOnly"), signal: session.stop },
    removeOrphans: config!.remove_orphans !== false,
  });
  for (const { id, cause } of steps.operations) log("info", `${id}: ${cause}`);
  if (!isEmpty(steps)) state.containers = UNKNOWN;
}

/** Whether something that decides what is declared is not known yet. */
function isOpen(config: TerraformObject): boolean {
  const names = [...DECLARING, "name"];
  // The names of hosts are known even while the hosts are not.
  return names.some((name) => hasUnknown(config[name] ?? null)) || config.hosts === UNKNOWN;
}

function idOf(state: TerraformObject, project: string) {
  const ids = Object.values(placesOf(state));
  return ids.includes(null) ? UNKNOWN : `${ids.sort().join(",")}/${project}`;
}
