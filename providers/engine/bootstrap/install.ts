// Switches a host to a bundle whose parts are there, and starts the agent. One command on the host,
// under a lock, safe to repeat after any interruption.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Bundle } from "../bundle/bundle.ts";
import { lastWords } from "../transport/collect.ts";
import { quoteArgument } from "../transport/quote.ts";
import type { ExecResult, Transport } from "../transport/transport.ts";
import type { HostFacts } from "./facts.ts";
import { type Layout, serviceName, type UserPlace } from "./layout.ts";
import { LOCK, lockPath } from "./lock.ts";
import {
  STOP_SUPERVISOR,
  spaceFile,
  spacePath,
  supervisorFile,
  supervisorPath,
  unitFile,
  unitPath,
} from "./service.ts";

// $1 prefix, $2 digest, $3 run folder, $4 service, $5 socket, then pairs of part name and SHA-256.
const SWITCH = `
set -eu
umask 022
prefix=$1; digest=$2; run=$3; service=$4; socket=$5; shift 5
mkdir -p "$prefix/parts" "$prefix/versions"
chmod 755 "$prefix" "$prefix/parts" "$prefix/versions"
${LOCK}
lock=${lockPath("$prefix")}
lock "$lock"
version=$prefix/versions/$digest
new=$prefix/versions/.new.$$
undo() { rm -rf "$new" "$prefix/.current.$$"; unlock "$lock"; }
trap undo EXIT
trap 'exit 74' HUP INT TERM
# A version that is complete is left alone: its files may be running.
complete=yes
mkdir "$new"
while [ $# -gt 0 ]; do
  [ -f "$prefix/parts/$2" ] || { echo "part $1 was removed meanwhile" >&2; exit 65; }
  sum=$(sha256sum <"$prefix/parts/$2")
  if [ "\${sum%% *}" != "$2" ]; then
    rm -f "$prefix/parts/$2"; echo "part $1 is damaged and was removed" >&2; exit 65
  fi
  ln "$prefix/parts/$2" "$new/$1" 2>/dev/null || cp "$prefix/parts/$2" "$new/$1"
  [ -f "$version/$1" ] && cmp -s "$version/$1" "$new/$1" || complete=no
  shift 2
done
said=$("$new/node" --version 2>&1) || { echo "node does not run here: $said" >&2; exit 70; }
if [ $complete = no ]; then rm -rf "$version"; mv "$new" "$version"; fi
previous=$(readlink "$prefix/current" 2>/dev/null) || previous=
ln -s "versions/$digest" "$prefix/.current.$$"
"$version/node" -e 'require("fs").renameSync(process.argv[1], process.argv[2])' \\
  "$prefix/.current.$$" "$prefix/current"
sync "$version" "$prefix" 2>/dev/null || sync
`;

// Asks the agent for its digest until the time is up; the others of one moment may have started it.
const ASK = `
const [, socketPath, digest, waitMs] = process.argv;
const endsAt = Date.now() + Number(waitMs);
const again = () => Date.now() < endsAt ? setTimeout(ask, 100) : process.exit(1);
function ask() {
  require("http").get({ socketPath, path: "/fairlead/info", timeout: 5000 }, (answer) => {
    let text = "";
    answer.on("data", (chunk) => { text += chunk; });
    answer.on("end", () => text.includes(digest) ? process.exit(0) : again());
  }).on("timeout", function () { this.destroy(); }).on("error", again);
}
ask();
`;

// An agent that another client has just started from the same parts has requests to answer: it is
// left alone. serves waits for so many milliseconds.
const LEAVE_WHAT_SERVES = `
serves() { "$version/node" -e "$ask" "$socket" "$digest" "$1"; }
if [ $complete = yes ] && [ "$previous" = "versions/$digest" ] &&
  printf '%s' "$unit" | cmp -s - "$unitpath" && serves 0; then exit 0; fi
`;

// Removes what neither this version nor the one before uses, so that a host never fills up.
const COLLECT = `
for old in "$prefix"/versions/*; do
  case versions/\${old##*/} in "versions/$digest"|"$previous") ;; *) rm -rf "$old" ;; esac
done
# A part that another client has just sent has no second name yet.
find "$prefix/parts" -type f -links 1 -mmin +60 -exec rm -f {} + 2>/dev/null || true
`;

const START_SYSTEMD = `
if ! printf '%s' "$unit" | cmp -s - "$unitpath"; then
  printf '%s' "$unit" >"$unitpath.new"; mv -f "$unitpath.new" "$unitpath"
  systemctl daemon-reload
fi
systemctl enable -q "$service.service"
if ! systemctl restart "$service.service"; then
  journalctl -q -n 20 -o cat -u "$service.service" >&2 || true
  systemctl stop "$service.service" || true
  exit 69
fi
`;

const START_SUPERVISOR = `
${STOP_SUPERVISOR}
stop_supervisor "$unitpath" "$run/supervisor.pid"
rm -f "$run/supervisor.pid"
printf '%s' "$unit" >"$unitpath.new"; chmod 755 "$unitpath.new"; mv -f "$unitpath.new" "$unitpath"
# Nothing of ours may keep the caller's streams, its session or the lock open.
if command -v setsid >/dev/null 2>&1; then
  setsid "$unitpath" </dev/null >/dev/null 2>&1 9>&- &
else
  nohup "$unitpath" </dev/null >/dev/null 2>&1 9>&- &
fi
# The lock is held until it serves, as systemd does it; whether it does is asked for afterwards.
serves 30000 || true
`;

// $place, $space and $spacepath come with the user's own parts; see userScript.
const START_USER_SYSTEMD = `
mkdir -p "\${unitpath%/*}"
put() {
  printf '%s' "$1" | cmp -s - "$2" && return
  printf '%s' "$1" >"$2.new"; mv -f "$2.new" "$2"
}
put "$unit" "$unitpath"; put "$space" "$spacepath"
systemctl --user daemon-reload
systemctl --user enable -q "$service.service"
if ! systemctl --user restart "$service.service"; then
  journalctl --user -q -n 20 -o cat -u "$service.service" >&2 || true
  systemctl --user stop "$service.service" || true
  "$version/fairlead-runtime" rootless enter --run "$run" -- /bin/true || true
  exit 69
fi
`;

// The namespaces are tried first: what forbids them is told here, not in the agent's log.
const START_USER_SUPERVISOR = `
mkdir -p "$run"
"$version/fairlead-runtime" rootless enter --run "$run" -- /bin/true || exit 69
${START_SUPERVISOR}`;

/** Makes the bundle the current one; (re)starts the agent unless it runs from there already. */
export async function install(
  transport: Transport,
  layout: Layout,
  bundle: Bundle,
  facts: HostFacts,
  signal?: AbortSignal,
  onStep?: (step: string) => void,
): Promise<void> {
  const { user } = layout;
  const systemd = user ? user.manager : facts.init === "systemd";
  const [text, path] = systemd
    ? [unitFile(layout), unitPath(layout)]
    : [supervisorFile(layout), supervisorPath(layout)];
  const start = user ? userScript(layout, user) : systemd ? START_SYSTEMD : START_SUPERVISOR;
  // The file's text and path come first, so that the rest are the parts.
  const names = "unit=$1; unitpath=$2; ask=$3; shift 3\n";
  const script = [names, SWITCH, LEAVE_WHAT_SERVES, COLLECT, start].join("");
  const parts = bundle.parts.flatMap((part) => [part.name, part.sha256]);
  const { prefix, run, socket } = layout;
  const places = [prefix, bundle.digest, run, serviceName(layout), socket];
  const argv = ["/bin/sh", "-c", script, "sh", text, path, ASK, ...places, ...parts];
  const result = await transport.exec(argv, {
    ...{ step: "installing the agent", become: true, signal },
    // systemd gives the agent 90 seconds to get ready.
    ...{ idleTimeoutMs: 180_000, onStep },
  });
  if (result.code !== 0) throw notInstalled(transport.name, result);
}

/** The place is written down, so that every later connection finds the same one. */
function userScript(layout: Layout, user: UserPlace): string {
  const words = [layout.run, user.manager ? "systemd" : "other", user.lingers ? "yes" : "no"];
  const values = {
    XDG_RUNTIME_DIR: user.runtime,
    place: words.join(" "),
    space: spaceFile(layout),
    spacepath: spacePath(layout),
  };
  const set = Object.entries(values).map(([name, value]) => `${name}=${quoteArgument(value)}\n`);
  const remember = `printf '%s\\n' "$place" >"$prefix/place-${layout.instance}"\n`;
  const start = user.manager ? START_USER_SYSTEMD : START_USER_SUPERVISOR;
  return `${set.join("")}export XDG_RUNTIME_DIR\n${remember}${start}`;
}

function notInstalled(host: string, result: ExecResult): FairleadError {
  const why = lastWords(result.stderr, 20) || `exit status ${result.code}`;
  return new FairleadError("unavailable", `${host}: the agent could not be started: ${why}`, {
    path: host,
    hint: "run again; nothing that runs was touched",
  });
}
