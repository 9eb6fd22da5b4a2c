// Legacy links between containers: whom one leads to, and what the linked one is called by it.
import type { Container } from "./container.ts";
import type { Containers } from "./containers.ts";
import type { LinkRecord } from "./record.ts";

/** The linked container; after its replacement, the one that has its name. */
export function linkedContainer(
  { id, name }: LinkRecord,
  containers: Containers,
): Container | undefined {
  return containers.find(id) ?? containers.find(name);
}

/** `/CONTAINER/ALIAS`, a further name of the linked container. */
export function linkPath({ record }: Container, { alias }: LinkRecord): string {
  return `/${record.name}/${alias}`;
}

/** The names by which a container is linked to. */
export function linkNames(container: Container, containers: Containers): string[] {
  return containers
    .all()
    .flatMap((other) =>
      (other.record.links ?? [])
        .filter((link) => linkedContainer(link, containers) === container)
        .map((link) => linkPath(other, link)),
    );
}

/** HostConfig.Links as inspect shows them; null without any. */
export function shownLinks(container: Container, containers: Containers): string[] | null {
  const shown = (container.record.links ?? []).flatMap((link) => {
    const other = linkedContainer(link, containers);
    return other ? [`/${other.record.name}:${linkPath(container, link)}`] : [];
  });
  return shown.length > 0 ? shown : null;
}
