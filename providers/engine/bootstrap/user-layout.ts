// Where the agent of an ordinary user is: the host must be asked for the home folder, and for what
// lasts beyond a login. Once installed, the host remembers the answer.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Transport } from "../transport/transport.ts";
import { type Layout, layoutOf, type UserPlace } from "./layout.ts";

export interface UserLayoutOptions {
  readonly prefix?: string | undefined;
  readonly root?: string | undefined;
  readonly run?: string | undefined;
  readonly instance?: string | undefined;
  readonly socket?: string | undefined;
  readonly storage?: string | undefined;
  /** Before an installation: asks systemd to keep the user's services, and makes folders. */
  readonly settle?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

// $1 instance, $2 prefix or "", $3 "yes" to settle. Login scripts may print before it.
const ASK = `
LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin; export PATH
say() { printf '%s=%s\\n' "$1" "$2"; }
have() { command -v "$1" >/dev/null 2>&1; }
instance=$1; settle=$3; uid=$(id -u); name=$(id -un)
prefix=\${2:-$HOME/.local/share/fairlead/bundle}
runtime=\${XDG_RUNTIME_DIR:-/run/user/$uid}
run=; init=other; lingers=no
[ -r "$prefix/place-$instance" ] && read -r run init lingers <"$prefix/place-$instance"
if [ -z "$run" ]; then
  kept=/var/lib/systemd/linger/$name
  if [ -d /run/systemd/system ] && have loginctl; then
    if [ "$settle" = yes ] && [ ! -e "$kept" ]; then
      loginctl enable-linger </dev/null >/dev/null 2>&1 && lingers=yes
    fi
    tries=0
    while [ -e "$kept" ] && [ ! -S "$runtime/systemd/private" ] && [ $tries -lt 50 ]; do
      sleep 0.1; tries=$((tries+1))
    done
    [ -e "$kept" ] && [ -S "$runtime/systemd/private" ] && init=systemd
  fi
  if [ $init = systemd ]; then run=$runtime/$instance; else
    run=/tmp/fairlead-$uid/$instance
    [ "$settle" = yes ] && mkdir -m 700 "/tmp/fairlead-$uid" 2>/dev/null
  fi
fi
case $run in /tmp/*)
  dir=\${run%/*}
  if [ -L "$dir" ] || { [ -e "$dir" ] && [ ! -O "$dir" ]; }; then foreign=$dir; fi ;;
esac
printf '\\nfairlead-user-begin\\n'
say uid "$uid"; say home "$HOME"; say runtime "$runtime"
say run "$run"; say init "$init"; say lingers "$lingers"; say foreign "\${foreign-}"
if [ -d /run/systemd/system ]; then say systemd yes; fi
printf 'fairlead-user-end\\n'
`;

/** Asks in one round trip; `invalid` for root, which needs no such agent. */
export async function userLayout(
  transport: Transport,
  options: UserLayoutOptions,
): Promise<Layout> {
  const { instance = "fairlead", prefix, settle, signal } = options;
  layoutOf({ instance, prefix });
  const argv = ["/bin/sh", "-s", "--", instance, prefix ?? "", settle ? "yes" : "no"];
  const result = await transport.exec(argv, { step: "looking at the host", stdin: ASK, signal });
  const said = parse(result.stdout);
  if (said === undefined) {
    throw new FairleadError("unsupported", `${transport.name}: the host did not run a shell`, {
      path: transport.name,
      hint: "the user needs a login shell, and the host must be a Linux",
    });
  }
  return layoutFrom(transport.name, said, options);
}

function layoutFrom(
  host: string,
  said: ReadonlyMap<string, string>,
  { instance = "fairlead", prefix, root, run, socket, storage }: UserLayoutOptions,
): Layout {
  const one = (key: string) => said.get(key) ?? "";
  if (one("uid") === "0") {
    throw new FairleadError("invalid", `${host}: the user is root`, {
      path: "rootless",
      hint: "leave rootless out, or connect as an ordinary user",
    });
  }
  if (one("foreign") !== "") {
    throw new FairleadError("forbidden", `${host}: ${one("foreign")} belongs to another user`, {
      path: one("foreign"),
      hint: "have it removed, or give the host another `run`",
    });
  }
  const base = `${one("home")}/.local/share/fairlead`;
  const user: UserPlace = {
    base,
    runtime: one("runtime"),
    manager: one("init") === "systemd",
    lingers: one("lingers") === "yes",
    hostHasSystemd: one("systemd") === "yes",
  };
  const layout = layoutOf({
    instance,
    socket,
    storage,
    prefix: prefix ?? `${base}/bundle`,
    root: root ?? `${base}/state/${instance}`,
    run: run ?? one("run"),
  });
  return { ...layout, user };
}

function parse(output: string): Map<string, string> | undefined {
  const begin = output.indexOf("\nfairlead-user-begin\n");
  const end = output.indexOf("\nfairlead-user-end\n", begin);
  if (begin < 0 || end < 0) return undefined;
  const pairs = output
    .slice(begin, end)
    .split("\n")
    .flatMap((line) => {
      const [, key, value = ""] = /^([a-z]+)=(.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value] as const];
    });
  return new Map(pairs);
}
