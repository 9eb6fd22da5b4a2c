// What the specification of a container must know about this machine.
import type { SpecMachine } from "../../../runtime/spec.ts";
import { type HostFacts, readText } from "../../host.ts";

/** What the spec must know about this machine. */
export function machineOf(facts: HostFacts): SpecMachine {
  const [, bounding = "0"] = /^CapBnd:\s*([0-9a-f]+)/m.exec(readText("/proc/self/status")) ?? [];
  return {
    cgroupVersion: facts.cgroup.version,
    architecture: facts.architecture,
    kernel: facts.kernel,
    bounding: BigInt(`0x${bounding}`),
    ids: facts.rootless?.ids,
  };
}
