// fairlead config: the resolved model, as docker compose config prints it.
import { FairleadError } from "../../../resources/model/errors.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { Project } from "../../compose/model/load.ts";
import { modelJson, modelYaml } from "../../compose/model/print.ts";
import { withMaskedHosts } from "../../compose/translate/extension.ts";
import type { Session } from "../session.ts";

export interface ConfigFlags {
  format?: string;
  services?: boolean;
  volumes?: boolean;
  networks?: boolean;
  images?: boolean;
  profiles?: boolean;
  quiet?: boolean;
}

export function configCommand(
  session: Session,
  services: readonly string[],
  flags: ConfigFlags,
): void {
  const { screen } = session;
  const format = flags.format ?? (screen.json ? "json" : "yaml");
  if (format !== "yaml" && format !== "json") {
    throw new FairleadError("invalid", `unknown format ${format}`, {
      path: "--format",
      hint: "There are yaml and json.",
    });
  }
  const project = session.project({ services });
  if (flags.quiet) return;
  const names = listed(project, flags);
  if (names === undefined) {
    const shown = withMaskedHosts(project.model);
    screen.stdout.write(format === "json" ? modelJson(shown) : modelYaml(shown));
  } else if (format === "json") {
    screen.value(names);
  } else {
    for (const name of names) screen.line(printableLine(name));
  }
}

/** The names one of the listing options asks for. */
function listed({ model, disabled, name }: Project, flags: ConfigFlags): string[] | undefined {
  if (flags.services) return Object.keys(model.services);
  if (flags.volumes) return Object.keys(model.volumes ?? {});
  if (flags.networks) return Object.keys(model.networks ?? {});
  if (flags.images) {
    return Object.entries(model.services).map(
      ([service, { image }]) => image ?? `${name}-${service}`,
    );
  }
  if (!flags.profiles) return undefined;
  const all = [...Object.values(model.services), ...Object.values(disabled)];
  return [...new Set(all.flatMap(({ profiles }) => profiles ?? []))].sort();
}
