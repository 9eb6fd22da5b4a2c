// The answers of our agent's own routes, checked by the schemas with which it writes them: what
// else answers, or an agent of another version, is told before anything is made of it.
import type * as z from "zod";
import { FairleadError } from "../../../resources/model/errors.ts";
import { inspect } from "../../../resources/model/schema.ts";
import type { DockerClient, EngineRequest } from "./client.ts";

/** The answer in the form of the schema; `unsupported` with the place that has another one. */
export async function answerOf<T extends z.ZodType>(
  client: DockerClient,
  schema: T,
  request: EngineRequest,
): Promise<z.output<T>> {
  const { value, problems } = inspect(schema, await client.json<unknown>(request));
  const [first] = problems;
  if (first === undefined) return value as z.output<T>;
  const what = [first.path, first.message].filter((part) => part !== "").join(" ");
  const { host, version } = client;
  const asked = `${request.method} ${request.path}`;
  const message = `${host}: the agent's answer to ${asked} is not understood: ${what}`;
  throw new FairleadError("unsupported", message, {
    hint:
      `Its agent is ${version === "" ? "of an unknown version" : version}. If that is another ` +
      "than this fairlead, use one of the agent's version, or take the agent off with " +
      `\`fairlead host uninstall ${host}\` and let fairlead up bring its own.`,
  });
}
