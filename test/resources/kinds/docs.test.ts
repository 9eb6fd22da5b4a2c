// The pages under docs/resources are what the declarations say: `npm run docs` writes them.
import { describe, expect, test } from "vitest";
import { container } from "../../../resources/kinds/container/container.ts";
import { hostFields } from "../../../resources/kinds/host/host.ts";
import { image } from "../../../resources/kinds/image/image.ts";
import { network } from "../../../resources/kinds/network/network.ts";
import { volume } from "../../../resources/kinds/volume/volume.ts";
import { check, fieldsOf } from "../../../resources/model/schema.ts";
import { renderResource } from "./render-docs.ts";

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
  {
    ...{ name: "image", title: "Image", type: image },
    intro: "An image on a host: from its registry, from an archive, or made of a root file system.",
    example: wrap("image", "app", '{ name: "app:1", rootfs: "./rootfs" }'),
  },
  {
    ...{ name: "container", title: "Container", type: container },
    intro:
      "A container on a host. A field that is not set is left to the image and the engine, and " +
      "never shows in a plan.",
    example: wrap(
      "container",
      "web",
      '{ image: "nginx:1.27", ports: ["8080:80"], memory: "256m" }',
    ),
  },
  {
    ...{ name: "network", title: "Network", type: network },
    intro: "A network on a host, which containers join by name.",
    example: wrap("network", "front", '{ subnets: [{ subnet: "10.5.0.0/24" }] }'),
  },
  {
    ...{ name: "volume", title: "Volume", type: volume },
    intro: "A volume on a host. No edit of it destroys data: what would is refused.",
    example: wrap("volume", "data", '{ labels: { backup: "daily" } }'),
  },
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
