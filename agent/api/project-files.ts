// The routes of delivered files, of a project or of a build's context: what is there, a delivery,
// and the removal of all.
import type { DeliveredFiles, ProjectState } from "../../resources/wire.ts";
import type { ProjectFiles } from "../objects/project-files/store.ts";
import type { Call, Route } from "./route.ts";

export function deliveryRoutes(base: string, files: ProjectFiles): Route[] {
  const path = `${base}/:project/files`;
  const project = ({ params }: Call) => params.project ?? "";
  return [
    {
      method: "GET",
      path,
      handle: async (call) => ({ body: (await files.state(project(call))) satisfies ProjectState }),
    },
    {
      method: "POST",
      path,
      handle: async (call) => {
        const done: DeliveredFiles = await files.deliver(project(call), call.request, call.signal);
        return { body: done };
      },
    },
    {
      method: "DELETE",
      path,
      handle: async (call) => {
        await files.remove(project(call));
        return { status: 204 };
      },
    },
  ];
}
