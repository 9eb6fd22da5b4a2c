// The lifecycle of the files of a project's folder on a host.
import { type Lifecycle, withoutWait } from "./lifecycle.ts";

export const filesLifecycle: Lifecycle = {
  change: withoutWait(async ({ engine, project, files, report, signal, operation }) => {
    if (operation.action === "remove") await engine.projectFiles.remove(project, signal);
    else await engine.projectFiles.deliver(project, files, report, signal);
  }),
};
