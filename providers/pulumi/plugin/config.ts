// What is wrong with the provider's configuration. SDKs send what is not text as JSON text.

import { typeOf } from "../../../resources/kinds/shape.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { connectionFailures } from "../resource/check-object.ts";
import type { Failure } from "../resource/failure.ts";
import { SETTINGS } from "../schema/catalog.ts";
import { structured } from "../settings.ts";
import { hasUnknown, isObject, opened, type PulumiObject } from "../value.ts";

/** Every failure of what is known of a configuration. */
export function configFailures(inputs: PulumiObject): Failure[] {
  return Object.entries(inputs).flatMap(([name, sent]) => {
    if (name.startsWith("__") || name === "version" || name === "pluginDownloadURL") return [];
    const setting = SETTINGS.find((one) => one.name === name);
    if (!setting) return [{ property: name, reason: "there is no such setting" }];
    if (sent === null || hasUnknown(sent)) return [];
    const value = setting.type.kind === "string" ? opened(sent) : structured(opened(sent));
    if (setting.type.kind === "bool") {
      return typeof value === "boolean"
        ? []
        : [{ property: name, reason: "must be true or false" }];
    }
    if (name !== "hosts") {
      const { problems } = inspect(typeOf("host"), { host: "local", [name]: value });
      return problems.map(({ message }) => ({ property: name, reason: message }));
    }
    if (value === undefined || !isObject(value)) {
      return [{ property: name, reason: "must be connections by host id" }];
    }
    return Object.entries(value).flatMap(([id, connection]) =>
      connectionFailures(connection).map(({ property, reason }) => ({
        property: property.replace(/^connection/, `hosts[${JSON.stringify(id)}]`),
        reason,
      })),
    );
  });
}
