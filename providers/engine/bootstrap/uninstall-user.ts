// What takes the agent of an ordinary user off a host: a script and its arguments. All that it made
// in the kernel lives in its namespaces, and many of its files belong to ids of the user's ranges.
import { type Layout, serviceName, type UserPlace } from "./layout.ts";
import { STOP_SUPERVISOR, spacePath, supervisorPath, unitPath } from "./service.ts";

// $1 prefix, $2 root, $3 run, $4 service, $5 unit, $6 unit of the namespaces, $7 supervisor,
// $8 force, $9 volumes; then base folder, runtime folder, "yes" when we made the user linger, and
// the file that remembers the place.
const REMOVE = `
set -u
prefix=$1 root=$2 run=$3 service=$4 unit=$5 space=$6 supervisor=$7 force=$8 volumes=$9
shift 9
base=$1 lingers=$3 place=$4; XDG_RUNTIME_DIR=$2; export XDG_RUNTIME_DIR
if [ "$force" = no ]; then
  for container in "$root"/containers/*/record.json; do
    [ -e "$container" ] && { echo containers; exit 64; }
  done
fi
status=0
runtime=$prefix/current/fairlead-runtime
rootless() { [ ! -x "$runtime" ] || "$runtime" rootless "$@"; }
if [ -e "$unit" ]; then
  systemctl --user disable -q --now "$service.service" 2>/dev/null
  # What the agent started outlives it, and can be found as long as the namespaces are held.
  [ ! -d "$run" ] || rootless end --run "$run" || status=70
  systemctl --user stop "$service-space.service" 2>/dev/null
  rm -f "$unit" "$space"; systemctl --user daemon-reload
  systemctl --user reset-failed -q "$service.service" "$service-space.service" 2>/dev/null
  rmdir "\${unit%/*}/default.target.wants" "\${unit%/*}" 2>/dev/null
fi
${STOP_SUPERVISOR}
stop_supervisor "$supervisor" "$run/supervisor.pid"
if [ -d "$root" ]; then
  mkdir -p "$run"
  rootless end --run "$run" || status=70
  rootless enter --run "$run" -- /bin/sh -c '
    if [ "$2" = yes ]; then rm -rf "$1"; else
      for entry in "$1"/* "$1"/.[!.]*; do [ "$entry" = "$1/volumes" ] || rm -rf "$entry"; done
      rmdir "$1/volumes" "$1" 2>/dev/null
    fi; exit 0' sh "$root" "$volumes" || status=70
  rootless end --run "$run" || status=70
fi
if [ "$volumes" = yes ] && [ -d "$root" ]; then echo "$root is left" >&2; exit 70; fi
rm -rf "$run"
case $run in /tmp/*) rmdir "\${run%/*}" 2>/dev/null ;; esac
rm -f "$supervisor" "$place"
others=no
for other in "$prefix"/place-*; do [ -e "$other" ] && others=yes; done
if [ $others = no ]; then
  rm -rf "$prefix"
  [ "$lingers" = yes ] && loginctl disable-linger </dev/null >/dev/null 2>&1
fi
rmdir "\${root%/*}" "$base" 2>/dev/null
exit $status
`;

export function userRemoval(layout: Layout, user: UserPlace, flags: readonly string[]): string[] {
  const { prefix, root, run, instance } = layout;
  const units = [serviceName(layout), unitPath(layout), spacePath(layout), supervisorPath(layout)];
  const places = [user.base, user.runtime, user.lingers ? "yes" : "no"];
  const rest = [...places, `${prefix}/place-${instance}`];
  return ["/bin/sh", "-c", REMOVE, "sh", prefix, root, run, ...units, ...flags, ...rest];
}
