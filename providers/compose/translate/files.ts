// Configs and secrets of a service, as files of its containers.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { secret } from "../../../resources/model/secret.ts";
import type { Path } from "../document/node.ts";
import { variableValue } from "../model/file-values.ts";
import type { FileObject, FileReference, Service } from "../model/types.ts";
import type { Translation } from "./context.ts";

type FileInput = NonNullable<ContainerInput["files"]>[number];
type Kind = "configs" | "secrets";

const FOLDERS = { configs: "/", secrets: "/run/secrets/" };

/** The files that a service's containers get; problems are reported. */
export function filesOf(service: Service, path: Path, translation: Translation): FileInput[] {
  return (["configs", "secrets"] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap((reference, index) => {
      const object = translation.project.model[kind]?.[reference.source];
      if (object === undefined) return [];
      const content = contentOf(kind, reference.source, object, translation);
      if (content === undefined) return [];
      return [{ ...placed(reference, kind, [...path, kind, index], translation), ...content }];
    }),
  );
}

/** Where the content of a config or secret comes from; problems are reported. */
export function contentOf(
  kind: Kind,
  name: string,
  object: FileObject,
  translation: Translation,
): Pick<FileInput, "content" | "source" | "secret"> | undefined {
  const path = [kind, name];
  const isSecret = kind === "secrets" ? { secret: true } : {};
  if (object.external) {
    translation.refuse(
      path,
      "external ones are not supported",
      "Use file, environment or content.",
    );
    return undefined;
  }
  for (const key of ["driver", "template_driver"] as const) {
    if (object[key] !== undefined) translation.refuse([...path, key], "is not supported");
  }
  if (object.file !== undefined) return { source: object.file, ...isSecret };
  if (object.environment !== undefined) {
    const value = variableValue(translation.project.tree, kind, name);
    if (value === undefined) {
      const hint = `Set ${object.environment} in the environment or in an env file.`;
      translation.refuse(path, `the variable ${object.environment} is not set`, hint);
      return undefined;
    }
    // A config may hold a password too: what comes from the environment is never shown.
    return { content: secret(value), secret: true };
  }
  return object.content === undefined ? undefined : { content: object.content, ...isSecret };
}

function placed(
  reference: FileReference,
  kind: Kind,
  path: Path,
  translation: Translation,
): Pick<FileInput, "target" | "uid" | "gid" | "mode"> & { target: string } {
  const target = reference.target ?? reference.source;
  const file: { target: string; uid?: number; gid?: number; mode?: number } = {
    target: target.startsWith("/") ? target : FOLDERS[kind] + target,
  };
  for (const key of ["uid", "gid"] as const) {
    const value = reference[key];
    if (value === undefined) continue;
    if (/^\d+$/.test(value)) file[key] = Number(value);
    else translation.refuse([...path, key], `${JSON.stringify(value)} is not a number`);
  }
  if (reference.mode !== undefined) file.mode = Number.parseInt(reference.mode, 8);
  return file;
}
