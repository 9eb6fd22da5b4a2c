// An agent that lies, or is of another version: every answer of our own routes is checked before
// anything is made of it.
import { describe, expect, test } from "vitest";
import { agentInfoOf } from "../../../../providers/engine/docker-api/host-info.ts";
import { imageVerbs } from "../../../../providers/engine/docker-api/images.ts";
import { observe } from "../../../../providers/engine/docker-api/observe.ts";
import { projectFilesVerbs } from "../../../../providers/engine/docker-api/project-files.ts";
import { blobOf, imageOf, MEDIA_TYPES } from "../../../../providers/engine/image-source/source.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { FakeClient } from "../fake-client.ts";

const nothing = { containers: [], networks: [], volumes: [], images: {}, heldPorts: [] };
const ofProject = { project: "shop", containers: [], networks: [], volumes: [], images: [] };
const layer = blobOf(Buffer.from("a"), MEDIA_TYPES.layer);
const image = imageOf(Buffer.from("{}"), [layer]);

const seeing = (client: FakeClient) => observe(client, ofProject);
const telling = (client: FakeClient) => agentInfoOf(client);
const delivering = (client: FakeClient) => imageVerbs(client).deliver("app:1", image, () => {});
const files = (client: FakeClient) => projectFilesVerbs(client).state("shop");
const sending = (client: FakeClient) =>
  projectFilesVerbs(client).deliver("shop", undefined, () => {});

type Case = [
  what: string,
  route: string,
  answer: unknown,
  ask: (client: FakeClient) => Promise<unknown>,
  problem: string,
];
const OBSERVE = "POST /fairlead/observe";
const FILES = "GET /fairlead/projects/shop/files";
const CASES: Case[] = [
  ["text for all it has", OBSERVE, "all is well", seeing, "must be an object"],
  ["nothing at all", OBSERVE, undefined, seeing, "is required"],
  ["no networks", OBSERVE, { ...nothing, networks: null }, seeing, "networks must be a list"],
  [
    "a text for a container",
    OBSERVE,
    { ...nothing, containers: ["web"] },
    seeing,
    "containers[0] is no object",
  ],
  [
    ...(["a container whose name is a number", OBSERVE] as const),
    { ...nothing, containers: [{ Id: "1", Name: 7 }] },
    ...([seeing, "containers[0] is no object with Id and Name"] as const),
  ],
  [
    ...(["a port that is text", OBSERVE] as const),
    { ...nothing, heldPorts: [{ protocol: "tcp", hostIp: "", port: "80" }] },
    ...([seeing, "heldPorts[0].port must be a number"] as const),
  ],
  ["a host without a name", "GET /fairlead/info", { version: "9" }, telling, "bundle is required"],
  [
    ...(["a blob that is a path", "POST /fairlead/blobs/missing"] as const),
    { missing: ["../../etc/shadow"] },
    ...([delivering, "missing[0] is no sha256 digest"] as const),
  ],
  [
    ...(["a file outside of the project", FILES] as const),
    { entries: [{ type: "link", path: "../up", keep: false, target: "/", changed: false }] },
    ...([files, "entries[0].path is no path inside of a project"] as const),
  ],
  [
    ...(["a number for what it kept", "POST /fairlead/projects/shop/files"] as const),
    ...([{ kept: 3 }, sending, "kept must be a list"] as const),
  ],
];

describe("an agent that answers with", () => {
  test.each(CASES)("%s is not understood", async (_what, route, answer, ask, problem) => {
    const client = new FakeClient({ [FILES]: { entries: [] }, [route]: () => answer });
    const error = await ask(client).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FairleadError);
    expect(error).toMatchObject({
      code: "unsupported",
      hint: expect.stringContaining("agent is 1"),
    });
    const { message } = error as FairleadError;
    expect(message).toContain(`fake: the agent's answer to ${route} is not understood: ${problem}`);
  });

  test("more than is known here is understood as far as it is", async () => {
    const more = {
      ...nothing,
      weather: "fine",
      containers: [{ Id: "1", Name: "/web", Mood: "good" }],
    };
    const seen = await seeing(new FakeClient({ [OBSERVE]: more }));
    expect(seen.containers).toEqual([{ Id: "1", Name: "/web", Mood: "good" }]);
  });
});
