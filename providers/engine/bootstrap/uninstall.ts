// Takes our agent off a host again. Containers go only when that is asked for, and volumes only
// when that is asked for too. Can be run again after an interruption.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { EngineClient } from "../engine.ts";
import { lastWords } from "../transport/collect.ts";
import type { Transport } from "../transport/transport.ts";
import { agentCommand, type Layout, serviceName } from "./layout.ts";
import { LOCK, lockPath } from "./lock.ts";
import { STOP_SUPERVISOR, supervisorPath, unitPath } from "./service.ts";
import { userRemoval } from "./uninstall-user.ts";

export interface UninstallOptions {
  /** Remove containers that are still there. Default false: refuse. */
  readonly force?: boolean | undefined;
  /** Remove the data of volumes as well. Default false. */
  readonly volumes?: boolean | undefined;
  /** Told what is done. */
  readonly onStep?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

// $1 prefix, $2 root, $3 run, $4 instance, $5 service, $6 unit, $7 supervisor, $8 force, $9
// volumes; the rest is the agent's command. Prints "containers" when it refuses because of some.
const REMOVE = `
set -u
${LOCK}
prefix=$1 root=$2 run=$3 instance=$4 service=$5 unit=$6 supervisor=$7 force=$8 volumes=$9
shift 9
lock=${lockPath("$prefix")}
if [ -d "$prefix" ]; then lock "$lock"; trap 'unlock "$lock"' EXIT; fi
if [ "$force" = no ]; then
  for container in "$root"/containers/*/record.json; do
    [ -e "$container" ] && { echo containers; exit 64; }
  done
fi
echo "step: stopping the agent" >&2
if [ -e "$unit" ]; then
  systemctl disable -q --now "$service.service" 2>/dev/null
  rm -f "$unit"; systemctl daemon-reload; systemctl reset-failed -q "$service.service" 2>/dev/null
fi
${STOP_SUPERVISOR}
stop_supervisor "$supervisor" "$run/supervisor.pid"
# Others on this kernel may have a group of our instance's name. Ours are those of containers that
# the state folder knows, and of the supervisors only the processes that were started from there.
bases() { for base in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ -d "$base/$instance" ] && echo "$base/$instance"; done; }
groups() { for base in $(bases); do for dir in "$root"/containers/*/; do
  dir=\${dir%/}; [ -d "$base/\${dir##*/}" ] && find "$base/\${dir##*/}" -depth -type d
  done; done 2>/dev/null; }
echo "step: ending the containers' processes" >&2
# Supervisors first: they would start their containers again.
for base in $(bases); do while read -r pid; do
  tr '\\0' '\\n' <"/proc/$pid/cmdline" | grep -q "^$root/containers/" && kill -9 "$pid"
done <"$base/shims/cgroup.procs"; done 2>/dev/null
# The kernel writes 0 for a process that is just leaving, and to kill 0 would be to kill ourselves.
for group in $(groups); do
  while read -r pid; do [ "$pid" -gt 1 ] && kill -9 "$pid"; done <"$group/cgroup.procs"
done 2>/dev/null
# The agent knows what it made in the kernel: bridges, its nftables table, pinned namespaces.
status=0
echo "step: removing networks" >&2
if [ -x "$1" ]; then "$@" --purge || status=70; fi
tries=0 busy=0
for group in $(groups); do
  until rmdir "$group" 2>/dev/null; do
    # So long for all of them together: what is busy now is kept so by somebody.
    [ $tries -lt 100 ] || { busy=$((busy+1)); last=$group; break; }
    tries=$((tries+1)); sleep 0.1
  done
done
[ $busy = 0 ] || { echo "$busy control groups are busy, such as $last" >&2; status=70; }
for base in $(bases); do rmdir "$base/shims" "$base"; done 2>/dev/null
echo "step: removing files" >&2
while read -r _ where _; do
  case $where in "$run"/*|"$root"/*|"$run"|"$root") printf '%s\\n' "$where" ;; esac
done </proc/mounts | sort -r | while read -r where; do umount -l "$where"; done
rm -rf "$run"
if [ "$volumes" = yes ]; then rm -rf "$root"; else
  for entry in "$root"/* "$root"/.[!.]*; do
    [ "$entry" = "$root/volumes" ] || rm -rf "$entry"
  done
  rmdir "$root/volumes" "$root" 2>/dev/null
fi
others=no
for other in "$prefix"/supervise-* /etc/systemd/system/*.service; do
  case $other in "$supervisor"|"$unit") ;;
  *) [ -f "$other" ] && grep -q "$prefix/current/agent.cjs" "$other" && others=yes ;; esac
done
rm -f "$supervisor"
# Another instance on this machine may run from the same bundle.
[ $others = yes ] || rm -rf "$prefix"
exit $status
`;

/** Removes the agent; `conflict` while containers exist, unless forced. */
export async function uninstall(
  transport: Transport,
  layout: Layout,
  engine: EngineClient | undefined,
  options: UninstallOptions = {},
): Promise<void> {
  if (engine !== undefined) await empty(engine, options);
  const { prefix, root, run, instance } = layout;
  const shell = ["/bin/sh", "-c", REMOVE, "sh"];
  const flags = [options.force === true, options.volumes === true].map((on) => (on ? "yes" : "no"));
  const places = [prefix, root, run, instance, serviceName(layout), unitPath(layout)];
  const argv = layout.user
    ? userRemoval(layout, layout.user, flags)
    : [...shell, ...places, supervisorPath(layout), ...flags, ...agentCommand(layout)];
  const result = await transport.exec(argv, {
    ...{ step: "removing the agent", become: true, signal: options.signal },
    // A large volume takes its time to go.
    ...{ idleTimeoutMs: 600_000, limitMs: 3_600_000, onStep: options.onStep },
  });
  if (result.code === 64) throw inUse(transport.name, []);
  if (result.code === 0) return;
  const why = lastWords(result.stderr, 5) || `exit status ${result.code}`;
  throw new FairleadError("unavailable", `${transport.name}: not everything was removed: ${why}`, {
    path: transport.name,
    hint: "run it again",
  });
}

async function empty(
  engine: EngineClient,
  { force, onStep, signal }: UninstallOptions,
): Promise<void> {
  const containers = await engine.containers.list({ all: true, signal });
  const names = containers.map((one) => one.Names?.[0]?.replace(/^\//, "") ?? one.Id ?? "");
  if (containers.length > 0 && force !== true) throw inUse(engine.host, names);
  // Ordinary removals first, so that each ends by its own stop signal and frees what it holds.
  for (const [at, { Id: id }] of containers.entries()) {
    onStep?.(`removing the container ${names[at]} (${at + 1} of ${containers.length})`);
    await engine.containers.remove(id ?? "", { force: true, signal });
  }
  const predefined = ["bridge", "host", "none"];
  for (const { Id: id, Name: name } of await engine.networks.list({ signal })) {
    if (!predefined.includes(name ?? "")) await engine.networks.remove(id ?? "", signal);
  }
}

function inUse(host: string, names: readonly string[]): FairleadError {
  const shown = names.slice(0, 10).join(", ") || "see its containers folder";
  return new FairleadError("conflict", `${host}: containers are still there: ${shown}`, {
    path: host,
    hint: "fairlead down removes a project's; --force removes all of them with the agent",
  });
}
