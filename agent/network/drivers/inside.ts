// Sets up an interface within a container's namespace: addresses, and up.
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseAddress } from "../model/ip.ts";
import type { EndpointRecord } from "../model/record.ts";
import type { Kernel } from "../netlink/kernel.ts";
import { setLink } from "../netlink/link.ts";
import type { KernelRequest } from "../netlink/message.ts";
import { addAddress } from "../netlink/route.ts";

/** `inside` sees the container's namespace. */
export async function configureInside(inside: Kernel, endpoint: EndpointRecord): Promise<void> {
  const { interfaceName } = endpoint;
  const six = parseAddress(endpoint.ipv6Address);
  const four = parseAddress(endpoint.ipAddress);
  await inside.sysctls(
    {
      [`net/ipv6/conf/${interfaceName}/disable_ipv6`]: six ? "0" : "1",
      [`net/ipv6/conf/${interfaceName}/accept_ra`]: "0",
      [`net/ipv6/conf/${interfaceName}/accept_dad`]: "0",
    },
    { skipMissing: true },
  );
  const link = await inside.link(interfaceName);
  if (!link) throw new FairleadError("internal", `the interface ${interfaceName} went away`);
  const requests: KernelRequest[] = [];
  if (four) requests.push(addAddress(link.index, four, endpoint.prefixLength));
  if (six) requests.push(addAddress(link.index, six, endpoint.ipv6PrefixLength));
  await inside.route([...requests, setLink(interfaceName, { up: true })]);
}
