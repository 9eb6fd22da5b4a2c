// Bind sources that do not mean what is at that path of the host, but something that the agent has.
import { FairleadError } from "../../../../resources/model/errors.ts";
import { ENGINE_SOCKETS, PROJECT_FILES, READ_ONLY_SOCKET } from "../../../../resources/wire.ts";
import type { ProjectFiles } from "../../project-files/store.ts";
import { placeOf } from "../../project-files/tree.ts";

/** Where the agent keeps what a bind source stands for; undefined for a path of the host. */
export function givenSource(
  source: string,
  parts: { socket: string; readerSocket: string; projectFiles: ProjectFiles },
): string | undefined {
  if (ENGINE_SOCKETS.includes(source)) return parts.socket;
  if (source === READ_ONLY_SOCKET) return parts.readerSocket;
  const [, project, path] = source.match(PROJECT_SOURCE) ?? [];
  if (project === undefined || path === undefined) return undefined;
  const tree = parts.projectFiles.tree(project);
  // A container that may write to a folder above could have put a link there, which leads anywhere.
  const place = path.split("/").includes("..") ? undefined : placeOf(tree, `${path}/.`);
  const file = place ?? placeOf(tree, path);
  place?.close();
  if (file === undefined) {
    throw new FairleadError("invalid", `${path} is not among the files of the project ${project}`, {
      path: source,
      hint: "Deliver the project's files first: fairlead up does.",
    });
  }
  if (file !== place) file.close();
  return `${tree}/${path}`;
}

const PROJECT_SOURCE = new RegExp(`^${PROJECT_FILES}([^/]+)/(.+)$`);
