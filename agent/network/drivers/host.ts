// The host driver: containers stay in the host's own network.
import { fixedNetwork } from "../driver/fixed.ts";

export const host = fixedNetwork("host", "host", { hostNamespace: true });
