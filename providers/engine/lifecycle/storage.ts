// The lifecycles of images and volumes: what each operation of a plan asks of an engine.
import { normalVolume } from "../../../resources/kinds/volume/docker.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ownershipLabels } from "../../../resources/plan/ownership.ts";
import { allowing } from "../allowing.ts";
import { localImage } from "../image-source/targets.ts";
import { editLabels } from "./labels.ts";
import { type Lifecycle, quiet } from "./lifecycle.ts";
import { specOf, type Task } from "./task.ts";

export const imageLifecycle: Lifecycle = { change: quiet(changeImage) };
export const volumeLifecycle: Lifecycle = { change: quiet(changeVolume) };

/** Pulls or delivers an image, or takes its name away; `conflict` while a container needs it. */
async function changeImage(task: Task): Promise<void> {
  const { engine, report, signal, operation } = task;
  if (operation.action === "remove") {
    await allowing("not_found", engine.images.remove(operation.object, signal));
    return;
  }
  const spec = specOf(task, "image");
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
