// The pages under docs/resources are what the declarations say: `npm run docs` writes them.
import { describe, expect, test } from "vitest";
import { container } from "../../../resources/kinds/container/container.ts";
import { hostFields } from "../../../resources/kinds/host/host.ts";
import { network } from "../../../resources/kinds/network/network.ts";
import { KINDS } from "../../../resources/kinds/registry.ts";
import { volume } from "../../../resources/kinds/volume/volume.ts";
import { check, fieldsOf } from "../../../resources/model/schema.ts";
import { literal, renderResource } from "./render-docs.ts";

const wrap = (kind: string, name: string, spec: string) => `
import { apply, plan } from "fairlead";

const stack = {
  project: "shop",
  hosts: { "web-1": "ssh://deploy@203.0.113.10" },
  resources: [
    {
      kind: "${kind}" as const,
      host: "web-1",
      name: "${name}",
      spec: ${spec},
    },
  ],
};
await apply(stack, await plan(stack));`;

const PAGES = [
  {
    ...{ name: "host", title: "Host", type: hostFields },
    intro: "How a machine is reached and which engine runs on it. No edit touches what runs there.",
    example: `
import { plan } from "fairlead";

const hosts = {
  "web-1": "ssh://deploy@203.0.113.10",
  "web-2": { host: "203.0.113.11", user: "deploy", proxy: [{ host: "bastion.example" }] },
};
console.log(await plan({ project: "shop", hosts, resources: [] }));`,
  },
  ...KINDS.map(({ kind, title, type, about, sample }) => ({
    ...{ name: kind, title, type, intro: about },
    example: wrap(kind, sample.name, literal(sample.spec)),
  })),
];

describe("the page of a resource", () => {
  test.each(PAGES)("$name is current", async ({ name, title, intro, example, type }) => {
    expect([...fieldsOf(type).keys()]).toEqual(Object.keys(type.shape));
    const page = renderResource(title, intro, example, type);
    await expect(page).toMatchFileSnapshot(`../../../docs/resources/${name}.md`);
  });

  test("declares no default that a check writes into a spec", () => {
    expect(check(container, { image: "app" })).toEqual({ image: "app:latest" });
    expect(check(network, {})).toEqual({});
    expect(check(volume, {})).toEqual({});
  });
});
