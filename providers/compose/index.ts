// Compose files as a stack, for front ends that have hosts of their own: load and translate in one
// call. The command uses the two parts by themselves.
import type { HostInput } from "../../resources/kinds/host/host.ts";
import { type LoadOptions, loadProject, type Project } from "./model/load.ts";
import { type Translated, translate } from "./translate/translate.ts";

export { ComposeError, problemText } from "./document/problem.ts";

export interface Composed extends Translated {
  project: Project;
}

/**
 * The stack that Compose files declare; throws a ComposeError with everything wrong in them. Text
 * in place of files is `{ files: ["-"], content }`. `hosts` count before hosts of the same name in
 * the files; a service says its host with `x-fairlead`, unless there is only one.
 */
export function composeStack(
  options: LoadOptions,
  hosts: Readonly<Record<string, HostInput>> = {},
): Composed {
  const project = loadProject(options);
  return { ...translate(project, hosts), project };
}
