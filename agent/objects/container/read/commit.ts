// docker commit: an image of what a container changed, and of its configuration.
import type { ContainerConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Content } from "../../../images/content.ts";
import type { ImageConfig } from "../../../images/image-config.ts";
import { layerParts } from "../../../images/pack.ts";
import { commitOnto } from "../../image/commit.ts";
import { familiar } from "../../image/image.ts";
import { tagName } from "../../image/name.ts";
import { mergeConfig } from "../create/config.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";
import { withView } from "./archive.ts";
import { containerChanges } from "./changes.ts";

type ImageSettings = NonNullable<ImageConfig["config"]>;

export interface CommitOptions {
  /** Over the container's own. */
  config: ContainerConfig;
  /** Changes what is over the container's own. */
  change(config: ImageSettings): ImageSettings;
  name: string | undefined;
  author: string;
  comment: string;
  /** Hold a running container still meanwhile. */
  pause: boolean;
}

/** The id of the new image. */
export async function commitContainer(
  container: Container,
  options: CommitOptions,
  content: Content,
  parts: ContainerParts,
): Promise<string> {
  if (container.record.removing) {
    throw new FairleadError("conflict", "You cannot commit a container that is being removed");
  }
  const own = container.record.config as ImageSettings;
  const changed = options.change(asImageConfig(options.config));
  const config = asImageConfig(
    mergeConfig(changed as ContainerConfig, { ...EMPTY_IMAGE, config: own }),
  );
  const id = await held(container, options.pause, () =>
    withView({ container, reference: container.id, path: "/" }, parts, async ({ root }) => {
      const changes = await containerChanges(container, parts);
      return commitOnto(content, container.record.imageId, {
        config,
        layer:
          changes.length > 0
            ? parts.pack({ directory: root, parts: layerParts(changes) })
            : undefined,
        author: options.author,
        comment: options.comment,
        createdBy: (container.record.config.Cmd ?? []).join(" "),
        name: options.name,
      });
    }),
  );
  const { comment } = options;
  const name = options.name === undefined ? "" : familiar(tagName(options.name));
  if (name !== "") parts.events.publish("image", "tag", id, { ...config.Labels, name });
  publish(parts.events, container, "commit", { comment, imageID: id, imageRef: name });
  return id;
}

const EMPTY_IMAGE = { architecture: "", os: "linux" };
const KEPT = `User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal Healthcheck
  OnBuild Shell`.split(/\s+/);

/** Without what belongs to one container, such as its host name. */
function asImageConfig(config: ContainerConfig): ImageSettings {
  const kept = Object.entries(config).filter(([key]) => KEPT.includes(key));
  return Object.fromEntries(kept) as ImageSettings;
}

async function held<T>(container: Container, pause: boolean, work: () => Promise<T>): Promise<T> {
  const { shim } = container;
  if (!pause || !shim || container.status !== "running") return work();
  await shim.pause();
  try {
    return await work();
  } finally {
    await shim.resume().catch(() => undefined);
  }
}
