// The pages under docs/pulumi/api-docs are what the schema says: `npm run docs` writes them.
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  EXAMPLES,
  exampleOf,
  exampleText,
  Reference,
} from "../../../providers/pulumi/schema/examples.ts";
import { packageSchema } from "../../../providers/pulumi/schema/package-schema.ts";
import {
  type Described,
  functionPage,
  type Property,
  resourcePage,
  settingsPage,
  type Types,
} from "./render-docs.ts";

const schema = packageSchema("1.2.3") as unknown as {
  resources: Record<string, Described>;
  functions: Record<string, Described>;
  types: Types;
  config: { variables: Record<string, Property> };
};
const nameOf = (token: string) => token.split(":").at(-1)!;
const fileOf = (token: string) => `${nameOf(token).toLowerCase()}.md`;
const PLACE = "../../../docs/pulumi/api-docs";

describe("the page", () => {
  test.each(Object.entries(schema.resources))("of %s is current", async (token, described) => {
    const name = nameOf(token);
    const page = resourcePage(name, described, schema.types, exampleOf(name)!);
    await expect(page).toMatchFileSnapshot(`${PLACE}/${fileOf(token)}`);
  });

  test.each(Object.entries(schema.functions))("of %s is current", async (token, described) => {
    const page = functionPage(nameOf(token), described, schema.types);
    await expect(page).toMatchFileSnapshot(`${PLACE}/${fileOf(token)}`);
  });

  test("of the settings is current", async () => {
    const page = settingsPage(schema.config.variables);
    await expect(page).toMatchFileSnapshot("../../../docs/pulumi/installation-configuration.md");
  });

  test("belongs to something that there is", () => {
    const known = [...Object.keys(schema.resources), ...Object.keys(schema.functions)].map(fileOf);
    expect(readdirSync("docs/pulumi/api-docs").sort()).toEqual(known.sort());
  });
});

describe("the example", () => {
  test.each(Object.keys(EXAMPLES))("of %s has only inputs that there are", (name) => {
    for (const { type, inputs } of EXAMPLES[name]!) {
      const known = schema.resources[`fairlead:index:${type}`]!.inputProperties!;
      expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(inputs)));
    }
  });

  test.each(Object.keys(EXAMPLES))("of %s is YAML that says the same", (name) => {
    const { resources } = parse(exampleText(EXAMPLES[name]!, "yaml"));
    for (const { type, name: resource, inputs } of EXAMPLES[name]!) {
      expect(resources[resource]).toMatchObject({ type: `fairlead:${type}` });
      const plain = JSON.parse(
        JSON.stringify(inputs, (_, one) => {
          return one instanceof Reference ? expect.any(String).toString() : one;
        }),
      );
      expect(Object.keys(resources[resource].properties)).toEqual(Object.keys(plain));
    }
  });
});
