// Turns a loaded project into a stack: services become containers on hosts, with the networks,
// volumes, images and files they need there. Everything is honoured or refused by name.

import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { type HostInput, host as hostType } from "../../../resources/kinds/host/host.ts";
import { InvalidDeclaration } from "../../../resources/model/problem.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { parseBytes } from "../../../resources/model/units.ts";
import {
  type GivenFiles,
  type OnChange,
  placeOfSource,
} from "../../../resources/plan/project-files.ts";
import type { Dependency } from "../../../resources/plan/resource.ts";
import { checkStack, type ResourceInput, type Stack } from "../../../resources/stack/stack.ts";
import { Problems } from "../document/problem.ts";
import type { Project } from "../model/load.ts";
import type { Service } from "../model/types.ts";
import { imageNameOf } from "./build.ts";
import { refuseClashes } from "./clashes.ts";
import { containerOf } from "./container.ts";
import { Translation } from "./context.ts";
import {
  KEY,
  type ServiceExtension,
  type StackExtension,
  serviceExtension,
  stackExtension,
} from "./extension.ts";
import { imagesOf } from "./images.ts";
import { addDeclared } from "./origin.ts";
import { hostsOf, placed, type Replica } from "./placement.ts";
import { refuseUnsupported } from "./refused.ts";
import { networksOf, volumesOf } from "./shared-resources.ts";

export interface Translated {
  stack: Stack;
  /** Where each service's containers are. */
  replicas: Replica[];
  warnings: string[];
}

/**
 * The stack a project declares; throws a ComposeError with everything that cannot be honoured.
 * `deliversFiles` says that relative binds are brought to the hosts, as far as those are elsewhere.
 * `given` hosts count beside those that the files declare, and before one of the same name.
 */
export function translate(
  project: Project,
  given: Readonly<Record<string, HostInput>> = {},
  { deliversFiles = false } = {},
): Translated {
  const problems = new Problems();
  const translation = new Translation(project, problems, deliversFiles);
  const declared = stackExtension(project.tree, problems);
  const stack = { ...declared, hosts: { ...declared.hosts, ...given } };
  const services = Object.entries(project.model.services);
  const extensions = new Map(
    services.map(([name]) => [name, serviceExtension(project.tree, name, problems)] as const),
  );
  const hosts = hostsOf(stack);
  const replicas = placed(translation, stack, extensions);
  for (const [name, service] of services) refuseUnsupported(name, service, translation);
  refuseClashes(project.model.services, replicas, translation);
  const containers = replicas.flatMap((replica) => {
    const service = project.model.services[replica.service];
    const extension = extensions.get(replica.service) ?? {};
    if (service === undefined) return [];
    const isLocal = isHere(hosts[replica.host]);
    return containerResource(replica, service, extension, { replicas, isLocal, translation });
  });
  const resources = [
    ...networksOf(replicas, Object.keys(hosts), translation),
    ...volumesOf(replicas, Object.keys(hosts), translation),
    ...imagesOf(replicas, { stack, extensions }, translation),
    ...containers,
  ];
  problems.raise();
  try {
    const files = projectFolder(declared, translation);
    const checked = checkStack({ project: project.name, hosts, resources, files });
    return { stack: checked, replicas, warnings: problems.warnings };
  } catch (error) {
    if (!(error instanceof InvalidDeclaration)) throw error;
    addDeclared(error.problems, replicas, translation);
    problems.raise();
    throw error;
  }
}

/** Whether a host is this machine, whatever its engine. */
function isHere(host: HostInput | undefined): boolean {
  const found = inspect(hostType, host).value;
  return found?.host === "local";
}

const FILES_LIMIT = 100_000_000;

function projectFolder({ files_limit: limit }: StackExtension, translation: Translation) {
  const { roots, project } = translation;
  const limitBytes = limit === undefined ? FILES_LIMIT : parseBytes(limit);
  if (limitBytes === undefined) {
    translation.refuse([KEY, "files_limit"], `${limit} is not a size`, "Write 500m or 2g.");
  }
  if (roots.length === 0) return undefined;
  return { directory: project.directory, limitBytes: limitBytes ?? FILES_LIMIT, roots };
}

interface Surroundings {
  replicas: readonly Replica[];
  isLocal: boolean;
  translation: Translation;
}

function containerResource(
  replica: Replica,
  service: Service,
  extension: ServiceExtension,
  { replicas, isLocal, translation }: Surroundings,
): ResourceInput {
  const image = imageNameOf(replica.service, service, translation.project.name);
  const source = { replica, service, extension, image, replicas, isLocal };
  const dependsOn = dependenciesOf(replica, service, replicas);
  const spec = containerOf(source, translation);
  const given = givenFiles(spec, extension, replica, translation);
  return {
    kind: "container",
    host: replica.host,
    name: replica.name,
    spec,
    ...(given && { given }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(extension.adopt ? { adopt: true } : {}),
  };
}

/** The files of the project among a container's mounts, and what a change of them means. */
function givenFiles(
  { mounts }: ContainerInput,
  { onChange }: ServiceExtension,
  { service }: Replica,
  translation: Translation,
): GivenFiles | undefined {
  if (onChange !== undefined && !ON_CHANGE.test(onChange)) {
    const path = ["services", service, KEY, "onChange"];
    const hint = "There are recreate, restart, none, and signal NAME as in signal HUP.";
    translation.refuse(path, `${JSON.stringify(onChange)} is no answer to a change`, hint);
  }
  const places = (mounts ?? []).flatMap((mount) => {
    const path = mount.type === "bind" ? placeOfSource(mount.source) : undefined;
    return path === undefined ? [] : [{ path, writable: mount.readOnly !== true }];
  });
  return places.length === 0 ? undefined : { places, onChange: onChange as OnChange };
}

const ON_CHANGE = /^(recreate|restart|none|signal (SIG)?[A-Z0-9+-]{1,12})$/;

const CONDITIONS = {
  service_started: "started",
  service_healthy: "healthy",
  service_completed_successfully: "completed",
} as const;

/** On every container of the other service: those on the same host if there are any, else all. */
function dependenciesOf(
  replica: Replica,
  service: Service,
  replicas: readonly Replica[],
): Dependency[] {
  return Object.entries(service.depends_on ?? {}).flatMap(([name, dependency]) =>
    replicas
      .filter((other) => other.service === name)
      .map((other) => ({
        name: other.name,
        ...(other.host === replica.host ? {} : { host: other.host }),
        condition: CONDITIONS[dependency.condition],
        ...(dependency.restart ? { restart: true } : {}),
        ...(dependency.required ? {} : { required: false }),
      })),
  );
}
