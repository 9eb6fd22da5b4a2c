// The routes of a project's files: what is there, a delivery, and the removal of all.
import type { DeliveredFiles, ProjectState } from "../../resources/wire.ts";
import type { ProjectFiles } from "../objects/project-files/store.ts";
import type { Call, Route } from "./route.ts";

const PATH = "/fairlead/projects/:project/files";

export function projectFileRoutes(files: ProjectFiles): Route[] {
  const project = ({ params }: Call) => params.project ?? "";
  return [
    {
      method: "GET",
      path: PATH,
      handle: async (call) => ({ body: (await files.state(project(call))) satisfies ProjectState }),
    },
    {
      method: "POST",
      path: PATH,
      handle: async (call) => {
        const done: DeliveredFiles = await files.deliver(project(call), call.request, call.signal);
        return { body: done };
      },
    },
    {
      method: "DELETE",
      path: PATH,
      handle: async (call) => {
        await files.remove(project(call));
        return { status: 204 };
      },
    },
  ];
}
