// A Compose file as text, as the stack that it declares, or as what refuses it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { loadProject } from "../../../providers/compose/model/load.ts";
import { translate } from "../../../providers/compose/translate/translate.ts";
import type { Resource } from "../../../resources/stack/stack.ts";

export const folder = mkdtempSync(join(tmpdir(), "compose-translate-"));
afterAll(() => rmSync(folder, { recursive: true }));

export function translated(text: string, environment: Record<string, string> = {}) {
  writeFileSync(join(folder, "compose.yaml"), `name: app\n${text}`);
  return translate(loadProject({ workingDirectory: folder, environment }));
}

export function named(resources: readonly Resource[], kind: string, name: string, host = "local") {
  return resources.find((one) => one.kind === kind && one.name === name && one.host === host);
}

/** The fields that a service with these attributes gives its container. */
export function fields(attributes: string, rest = ""): Record<string, unknown> {
  const { stack } = translated(`services: {web: {image: x, ${attributes}}}\n${rest}`);
  return named(stack.resources, "container", "web")?.spec as Record<string, unknown>;
}

export function refusal(text: string): string {
  try {
    translated(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
