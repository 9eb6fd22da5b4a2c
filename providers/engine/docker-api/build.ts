// Has an engine build an image: brings the files that the host lacks, then asks for the build, with
// the values of secrets beside it. An engine without our routes gets Docker's classic request.
import type { LocalBuild } from "../image-build/local.ts";
import {
  type BuiltSpec,
  contextsOf,
  filesOf,
  registryConfig,
  secretsOf,
  settingsOf,
} from "../image-build/request.ts";
import type { Report } from "../report/report.ts";
import { followBuild, followClassic, StepLog } from "./build-progress.ts";
import { askForBuild, askForClassicBuild } from "./build-requests.ts";
import type { DockerClient } from "./client.ts";
import { deliverFiles } from "./project-files.ts";

/** Builds the image on the host under its names. */
export async function buildImage(
  client: DockerClient,
  spec: BuiltSpec,
  local: LocalBuild,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const log = new StepLog(report);
  const settings = await settingsOf(spec, local);
  const auth = await registryConfig(spec, local);
  try {
    if (!client.can.builds) {
      const answer = await askForClassicBuild(client, settings, local, auth, signal);
      await followClassic(answer, log);
      return;
    }
    for (const [context, files] of filesOf(spec.name, local)) {
      await deliverFiles(client, { context }, files, report, signal);
    }
    const request = {
      ...settings,
      ...contextsOf(spec.name, local),
      secrets: await secretsOf(spec.build),
    };
    await followBuild(await askForBuild(client, request, auth, signal), log);
  } catch (error) {
    throw log.explained(spec.name, error);
  }
}
