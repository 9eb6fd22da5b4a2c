// Puts tables into the kernel, and says in one sentence when the kernel cannot have them.
import { FairleadError } from "../../../resources/model/errors.ts";
import { NativeError } from "../../native/index.ts";
import type { Kernel } from "../netlink/kernel.ts";
import {
  EAFNOSUPPORT,
  ENOENT,
  EOPNOTSUPP,
  EPFNOSUPPORT,
  EPROTONOSUPPORT,
} from "../netlink/numbers.ts";
import { replaceTables, type Table } from "./table.ts";

// ENOENT for an unknown expression or chain type; the others for a missing subsystem or family.
const MISSING = new Set([ENOENT, EPROTONOSUPPORT, EOPNOTSUPP, EPFNOSUPPORT, EAFNOSUPPORT]);

/** Replaces the tables of a name; `unsupported` when the kernel lacks what they need. */
export async function installTables(kernel: Kernel, name: string, tables: Table[]): Promise<void> {
  try {
    await kernel.netfilter([replaceTables(name, tables, ["ip", "ip6"])]);
  } catch (error) {
    if (!(error instanceof NativeError) || !MISSING.has(error.errno)) throw error;
    const onlyFour = tables.filter(({ family }) => family === "ip");
    if (onlyFour.length > 0 && onlyFour.length === tables.length) {
      await kernel.netfilter([replaceTables(name, tables, ["ip"])]).catch(() => {
        throw unsupported(error);
      });
      return;
    }
    // Without nf_tables there is nothing to remove either.
    if (tables.length === 0) return;
    throw unsupported(error);
  }
}

function unsupported(cause: NativeError): FairleadError {
  return new FairleadError(
    "unsupported",
    "this host's kernel lacks nf_tables with NAT, which bridge networks and published ports need",
    {
      hint:
        "load the modules nf_tables, nft_chain_nat, nft_masq, nft_ct and nft_fib_ipv4, " +
        "or use the host network",
      cause,
    },
  );
}
