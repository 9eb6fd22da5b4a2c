// Sends netlink requests to the kernel and names the step that it refused. `netns` is the host's
// side of every network: the agent's own namespace in production, one of their own in tests.
import { getSystemErrorName } from "node:util";
import { type Native, NativeError } from "../../native/index.ts";
import { getLink, type Link, readLinks } from "./link.ts";
import type { KernelRequest } from "./message.ts";
import { NETLINK_NETFILTER, NETLINK_ROUTE } from "./numbers.ts";

const MOST_ALLOWED_REFUSALS = 10_000;

export class Kernel {
  readonly native: Native;
  readonly netns: string | undefined;

  constructor(native: Native, netns?: string) {
    this.native = native;
    this.netns = netns;
  }

  /** The same kernel, seen from another namespace. */
  inside(netns: string): Kernel {
    return new Kernel(this.native, netns);
  }

  /** Sends requests about links, addresses and routes in order; one answer for each. */
  route(requests: KernelRequest[]): Promise<Buffer[]> {
    return this.#send(NETLINK_ROUTE, requests);
  }

  /** Sends requests to netfilter in order; one answer for each. */
  netfilter(requests: KernelRequest[]): Promise<Buffer[]> {
    return this.#send(NETLINK_NETFILTER, requests);
  }

  async link(name: string): Promise<Link | undefined> {
    const [reply] = await this.route([getLink(name)]);
    return reply && readLinks(reply)[0];
  }

  sysctls(values: Record<string, string>, options?: { skipMissing?: boolean }): Promise<void> {
    return this.native.setSysctlsInNetns(this.netns, values, options);
  }

  sysctl(key: string): Promise<string | undefined> {
    return this.native.getSysctlInNetns(this.netns, key);
  }

  async #send(family: number, requests: KernelRequest[]): Promise<Buffer[]> {
    const replies: Buffer[] = [];
    for (let rounds = 0; replies.length < requests.length; rounds++) {
      if (rounds > MOST_ALLOWED_REFUSALS) throw new Error("the kernel refuses without end");
      const rest = requests.slice(replies.length);
      const datagrams = rest.map(({ datagram }) => datagram);
      const outcome = await this.native.netlink({ netns: this.netns, family, datagrams });
      replies.push(...outcome.replies);
      if (!outcome.failure) continue;
      const refused = rest[outcome.failure.index];
      if (!refused?.allow?.includes(outcome.failure.errno)) {
        throw refusal(refused?.step ?? "netlink", outcome.failure);
      }
    }
    return replies;
  }
}

function refusal(step: string, { errno, reason }: { errno: number; reason: string }): NativeError {
  const detail = reason === "" ? "" : ` (${reason})`;
  const message = `${step}: ${getSystemErrorName(-errno)}${detail}`;
  return new NativeError({ step, errno, path: "", message });
}
