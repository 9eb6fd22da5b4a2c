// fairlead config: the resolved model, as docker compose config prints it.
import { writeFileSync } from "node:fs";
import { FairleadError } from "../../../resources/model/errors.ts";
import { hashContent } from "../../../resources/model/secret.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { Project } from "../../compose/model/load.ts";
import { modelJson, modelYaml } from "../../compose/model/print.ts";
import { withMaskedHosts } from "../../compose/translate/extension.ts";
import type { Session } from "../session/session.ts";

export interface ConfigFlags {
  format?: string;
  services?: boolean;
  volumes?: boolean;
  networks?: boolean;
  images?: boolean;
  profiles?: boolean;
  quiet?: boolean;
  environment?: boolean;
  hash?: string;
  output?: string;
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
    const text = format === "json" ? modelJson(shown) : modelYaml(shown);
    if (flags.output === undefined) screen.stdout.write(text);
    else writeFileSync(flags.output, text);
  } else if (format === "json") {
    screen.value(names);
  } else {
    for (const name of names) screen.line(printableLine(name));
  }
}

/** The names one of the listing options asks for. */
function listed(
  { model, disabled, name, environment }: Project,
  flags: ConfigFlags,
): string[] | undefined {
  if (flags.services) return Object.keys(model.services);
  if (flags.environment) {
    return [...environment].map(([key, value]) => `${key}=${value}`).sort();
  }
  if (flags.hash !== undefined) {
    const all = Object.entries(model.services);
    const wanted = flags.hash === "*" ? all.map(([key]) => key) : flags.hash.split(",");
    return wanted.map((key) => {
      if (!Object.hasOwn(model.services, key)) throw unknownName(key, Object.keys(model.services));
      return `${key} ${hashContent(JSON.stringify(model.services[key])).slice("sha256:".length)}`;
    });
  }
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

function unknownName(name: string, known: readonly string[]): FairleadError {
  return new FairleadError("not_found", `no service ${name} among ${known.join(", ")}`);
}
