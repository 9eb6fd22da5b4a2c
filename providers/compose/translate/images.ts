// The images of services that do not come from a registry: read from files here, or built on hosts.
import type { ResourceInput } from "../../../resources/stack/stack.ts";
import { absolute } from "../model/environment.ts";
import type { Service } from "../model/types.ts";
import { basesOf, buildOf, imageNameOf } from "./build.ts";
import type { Translation } from "./context.ts";
import { KEY, type ServiceExtension, type StackExtension } from "./extension.ts";
import { hostsOf, type Replica } from "./placement.ts";

type ImageResource = Extract<ResourceInput, { kind: "image" }>;

interface Extensions {
  stack: StackExtension;
  extensions: ReadonlyMap<string, ServiceExtension>;
}

/** One on each host that has a use for it, however many services share it. */
export function imagesOf(
  replicas: readonly Replica[],
  all: Extensions,
  translation: Translation,
): ImageResource[] {
  const { model, name: project } = translation.project;
  const { services } = model;
  const imageOf = ({ service }: Replica) => imageNameOf(service, services[service]!, project);
  const images = Object.entries(services).flatMap(([name, service]): ImageResource[] => {
    const extension = all.extensions.get(name) ?? {};
    const hosts = new Set(hostsOfImage(name, replicas, services));
    if (extension.image !== undefined) {
      if (service.build !== undefined) {
        const hint = "Keep one of them.";
        translation.refuse(["services", name, KEY, "image"], "excludes build", hint);
      }
      const spec = readImage(name, service, extension.image, translation);
      return [...hosts].map((host) => ({ kind: "image", host, name: spec.name, spec }));
    }
    if (service.build === undefined) return [];
    const image = imageNameOf(name, service, project);
    const built = buildOf(name, service, all.stack.context_limit, translation);
    const builder = builderOf(name, extension, all.stack, translation);
    if (builder !== undefined && hosts.size > 0) hosts.add(builder);
    const spec = { name: image, ...built };
    const more = builder === undefined ? {} : { builder };
    return [...hosts].map((host) => {
      const isUsed = replicas.some((one) => one.host === host && imageOf(one) === image);
      return { kind: "image", host, name: image, spec, ...more, ...(!isUsed && { isBase: true }) };
    });
  });
  return withoutDoubles(images);
}

/** Where containers are made from it, and where images are built on it. */
function hostsOfImage(
  name: string,
  replicas: readonly Replica[],
  services: Readonly<Record<string, Service>>,
  above: readonly string[] = [],
): string[] {
  const own = replicas.filter(({ service }) => service === name).map(({ host }) => host);
  const dependents = Object.entries(services).filter(
    ([other, service]) => !above.includes(other) && basesOf(service).includes(name),
  );
  return [
    ...own,
    ...dependents.flatMap(([other]) =>
      hostsOfImage(other, replicas, services, [...above, name, other]),
    ),
  ];
}

function readImage(
  name: string,
  service: Service,
  { archive, rootfs, tag, config }: NonNullable<ServiceExtension["image"]>,
  translation: Translation,
) {
  const { project } = translation;
  if (archive === undefined && rootfs === undefined) {
    const path = ["services", name, KEY, "image"];
    translation.refuse(path, "has neither archive nor rootfs", "Name a file or a directory.");
  }
  const here = (file: string | undefined) => file && absolute(file, project.directory);
  return {
    name: imageNameOf(name, service, project.name),
    ...(archive === undefined ? {} : { archive: here(archive)! }),
    ...(rootfs === undefined ? {} : { rootfs: here(rootfs)! }),
    ...(tag === undefined ? {} : { archiveTag: tag }),
    ...(config === undefined ? {} : { config: config as object }),
    ...(service.platform === undefined ? {} : { platform: service.platform }),
  };
}

function builderOf(
  name: string,
  extension: ServiceExtension,
  stack: StackExtension,
  translation: Translation,
): string | undefined {
  const builder = extension.builder ?? stack.builder;
  const known = Object.keys(hostsOf(stack));
  if (builder === undefined || known.includes(builder)) return builder;
  const place = extension.builder === undefined ? [KEY] : ["services", name, KEY];
  const hint = `There are ${known.join(", ")}.`;
  const message = `host ${builder} is not declared in ${KEY}.hosts`;
  translation.refuse([...place, "builder"], message, hint);
  return undefined;
}

function withoutDoubles(resources: readonly ImageResource[]): ImageResource[] {
  const seen = new Set<string>();
  return resources.filter(({ host, spec }) => {
    const key = `${host} ${JSON.stringify(spec)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
