// The lifecycles of images and volumes: what each operation of a plan asks of an engine.
import { normalVolume } from "../../../resources/kinds/volume/docker.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ownershipLabels } from "../../../resources/plan/ownership.ts";
import { allowing } from "../allowing.ts";
import type { LocalImage } from "../image-source/source.ts";
import { isBuilt } from "../targets/build-targets.ts";
import { localImage } from "../targets/image-targets.ts";
import { editLabels } from "./labels.ts";
import { type Lifecycle, withoutWait } from "./lifecycle.ts";
import { specOf, type Task } from "./task.ts";

export const imageLifecycle: Lifecycle = { change: withoutWait(changeImage) };
export const volumeLifecycle: Lifecycle = { change: withoutWait(changeVolume) };

/** Pulls or delivers an image, or takes its name away; `conflict` while a container needs it. */
async function changeImage(task: Task): Promise<void> {
  const { engine, report, signal, operation } = task;
  if (operation.action === "remove") {
    await allowing("not_found", engine.images.remove(operation.object, signal));
    return;
  }
  const spec = specOf(task, "image");
  if (operation.action === "build") return build(task);
  if (operation.builtOn !== undefined) return deliverFrom(task, operation.builtOn);
  const local = await localImage(spec, engine, signal);
  if (!local) {
    await engine.images.pull(spec.name, spec.platform, report, signal);
    return;
  }
  if (operation.image !== undefined && operation.image !== local.id) {
    throw new FairleadError("conflict", `${spec.name} changed here after the plan was made`, {
      hint: "Make a new plan.",
    });
  }
  await engine.images.deliver(spec.name, local, report, signal);
}

async function build({ engine, resource, builds, report, signal }: Task): Promise<void> {
  if (resource === undefined || !isBuilt(resource)) throw new Error("nothing says how it is built");
  await engine.images.build(resource.spec, await builds.of(resource), report, signal);
}

/** From the host that has built it, layer by layer. */
async function deliverFrom(task: Task, host: string): Promise<void> {
  const { engine, engineOf, operation, report, signal } = task;
  const { name, platform } = specOf(task, "image");
  const bring = async (image: LocalImage) => {
    if (operation.image !== undefined && operation.image !== image.id) {
      throw new FairleadError("conflict", `${host} has another ${name} since the plan was made`, {
        hint: "Make a new plan.",
      });
    }
    await engine.images.deliver(name, image, report, signal);
  };
  const source = engineOf(host);
  const of = platform ?? (await source.platform(signal));
  await source.images.during(name, of, bring, signal);
}

/** Makes a volume, edits its labels, or removes it with its data. */
async function changeVolume(task: Task): Promise<void> {
  const { operation, engine, signal } = task;
  if (operation.action === "remove") {
    await allowing("not_found", engine.volumes.remove(operation.object, signal));
    return;
  }
  const spec = specOf(task, "volume");
  if (operation.action === "create") {
    const labels = ownLabels(task);
    await engine.volumes.create({ name: operation.object, spec, labels, signal });
    return;
  }
  await editLabels(engine, "volume", operation, spec.labels, ownLabels(task), signal);
}

function ownLabels(task: Task): Record<string, string> {
  const { project, operation } = task;
  return ownershipLabels(project, operation.name, normalVolume(specOf(task, "volume")));
}
