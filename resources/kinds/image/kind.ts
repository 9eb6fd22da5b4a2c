// The kind "image": what stacks, plans and front ends know of images.
import type { ImageInspect } from "@docker/node-sdk";
import { FairleadError } from "../../model/errors.ts";
import { familiarReference, parseReference } from "../../model/reference.ts";
import { capabilityProblems } from "../../plan/capability.ts";
import type { KindEntry } from "../../plan/kind.ts";
import type { Need } from "../../plan/resource.ts";
import { imageCapabilities } from "./capabilities.ts";
import { type ImageInput, type ImageSpec, image } from "./image.ts";
import { planImage } from "./plan.ts";

export const imageKind: KindEntry<ImageSpec, ImageInspect, ImageInput> = {
  kind: "image",
  title: "Image",
  doc: "An image on a host: from its registry, an archive, a root file system, or built there.",
  about: "An image on a host: from its registry, an archive, a root file system, or built there.",
  example: "registry.example.com/app:1.4",
  sample: { name: "app", spec: { name: "app:1", rootfs: "./rootfs" } },
  type: image,
  // An image is compared by its content alone.
  facets: {},
  facts: [
    {
      name: "ref",
      doc: "Id of the image on the host; containers given it follow its content.",
      ...{ type: "text", changes: "withWork", of: ({ Id }) => Id ?? "" },
    },
    {
      name: "repoDigest",
      doc: "Digest under which its registry has it.",
      ...{ type: "text", changes: "withWork", of: ({ RepoDigests }) => RepoDigests?.[0] ?? "" },
    },
  ],
  owned: false,
  holdsData: false,
  replaces: false,
  runs: false,
  placed: (spec) => spec,
  needs: () => [],
  implied,
  problems: (resources, { observed }) =>
    resources.flatMap((resource) => {
      const facts = observed.get(resource.host)?.facts;
      return facts ? capabilityProblems(imageCapabilities, resource, facts) : [];
    }),
  seenOn: ({ images }) => [...images.values()],
  find: ({ images }, name) => images.get(name),
  nameOf: ({ RepoTags, Id }) => RepoTags?.[0] ?? Id ?? "",
  nameFor: (written) => familiarReference(parseReference(written)),
  idOf: ({ Id }) => Id ?? "",
  labelsOf: ({ Config }) => Config?.Labels,
  normal: (spec) => ({ ...spec }) as ReturnType<typeof imageKind.normal>,
  shown: () => ({}),
  diff: () => ({ action: "unchanged" }),
  content: {
    fact: "ref",
    mayChange: ({ archive, rootfs, build, pull }) =>
      Boolean(archive ?? rootfs ?? build) || pull === "always",
  },
  plan: planImage,
};

// What several containers say of one image: the most eager way to fetch it, and one platform.
function implied(object: string, needs: readonly Need[], host: string): ImageSpec {
  const asked = needs.map(({ as = {} }) => as as Partial<ImageSpec>);
  const [first] = asked;
  if (asked.some(({ platform }) => platform !== first?.platform)) {
    throw new FairleadError("invalid", `${object} is used for two platforms on ${host}`, {
      hint: "An engine keeps one platform under a name; use a digest or two tags.",
    });
  }
  const pulls = asked.flatMap(({ pull }) => pull ?? []);
  const pull = pulls.includes("always") ? "always" : pulls.at(-1);
  const name = object.startsWith("sha256:") ? object : familiarReference(parseReference(object));
  return {
    name,
    ...(pull === undefined ? {} : { pull }),
    ...(first?.platform === undefined ? {} : { platform: first.platform }),
  };
}
