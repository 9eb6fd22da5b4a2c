// The list of stacks as a whole, without a host: what it covers, and that all of it resolves. Two
// of them are taken through their life here; `npm run bench:stacks` does that with all.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadProject } from "../../providers/compose/model/load.ts";
import { whyNoLab } from "../lab/lab.ts";
import { roleOf } from "./image/images.ts";
import { StackLab } from "./run.ts";
import { imagesOf, stackOf, stacks } from "./stack.ts";

// The attributes of a service in the Compose Specification.
const ATTRIBUTES =
  `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command
  configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period
  cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop
  device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file
  environment expose extends external_links extra_hosts gpus group_add healthcheck
  hostname image init ipc isolation label_file labels links logging mac_address
  mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks
  oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop
  privileged profiles provider pull_policy read_only restart runtime scale secrets
  security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls
  tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from
  working_dir`.split(/\s+/);

const all = stacks();

describe("the list of stacks", () => {
  test("is long, and has every attribute of a service somewhere", () => {
    expect(all.length).toBeGreaterThanOrEqual(60);
    const used = new Set(all.flatMap(({ folder }) => serviceKeys(folder)));
    expect(ATTRIBUTES.filter((name) => !used.has(name))).toEqual([]);
  });

  test.each(all.map((stack) => [stack.name, stack] as const))("%s resolves", (_name, stack) => {
    for (const image of imagesOf(stack)) roleOf(image);
    const files = stack.expected.files ?? ["compose.yaml"];
    const project = loadProject({
      ...{ workingDirectory: stack.folder, environment: {}, files, projectName: "stack" },
      profiles: stack.expected.profiles ?? [],
    });
    expect(Object.keys(project.model.services).length).toBeGreaterThan(0);
  });
});

const reason = whyNoLab();
describe.skipIf(reason !== undefined)(`the life of a stack (skipped: ${reason ?? "no"})`, () => {
  const chosen = ["static-site", "two-hosts-web-db"].map(stackOf);
  let lab: StackLab;
  beforeAll(async () => {
    lab = await StackLab.open(chosen);
  }, 300_000);
  afterAll(() => lab?.close());

  test.each(chosen.map((stack) => [stack.name, stack] as const))("%s", async (_name, stack) => {
    expect(await lab.tryStack(stack)).toBeUndefined();
  });
});

function serviceKeys(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => parse(readFileSync(join(folder, name), "utf8"), { merge: true }))
    .flatMap((file) => Object.values((file?.services ?? {}) as object))
    .flatMap((service) => Object.keys(service ?? {}));
}
