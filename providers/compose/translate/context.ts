// What every part of the translation needs: the project, and a way to report problems at a place.

import type { ProjectRoot } from "../../../resources/plan/project-files.ts";
import { nearest, type Path } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import type { Project } from "../model/load.ts";

export class Translation {
  readonly project: Project;
  readonly problems: Problems;
  /** Files of the project's folder that containers on other machines are given. */
  readonly roots: ProjectRoot[] = [];
  /** Whether whoever asks brings them there. */
  readonly deliversFiles: boolean;

  constructor(project: Project, problems: Problems, deliversFiles = false) {
    this.project = project;
    this.problems = problems;
    this.deliversFiles = deliversFiles;
  }

  /** Something that cannot be done, where it is written. */
  refuse(path: Path, message: string, hint?: string): void {
    const node = nearest(this.project.tree, path);
    if (!node.broken) this.problems.add(node, path, message, hint);
  }

  /** Something that is accepted and has no effect here, or not the expected one. */
  warn(path: Path, message: string): void {
    const { at } = nearest(this.project.tree, path);
    this.problems.warn(`${at.file}:${at.line}: ${path.join(".")} ${message}`);
  }
}
