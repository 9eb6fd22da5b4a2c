// How the agent is kept running: a systemd unit, or a small supervising shell elsewhere. Texts
// only.
import { agentCommand, type Layout, serviceName } from "./layout.ts";

/** The unit file. */
export function unitFile(layout: Layout): string {
  if (layout.user) return userUnitFile(layout);
  return `# Written by fairlead; an upgrade writes it again. Use a drop-in for own settings.
[Unit]
Description=fairlead container agent (${layout.instance})
After=network.target local-fs.target
RequiresMountsFor=${layout.root} ${layout.prefix}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${agentCommand(layout).join(" ")}
Restart=always
RestartSec=1
TimeoutStartSec=90
# Containers are not the agent's children, and outlive it: only its own process is stopped.
KillMode=process
Delegate=yes
OOMScoreAdjust=-500
# As in Docker's unit: containers inherit them, and only a limit that is not there costs nothing.
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;
}

function userUnitFile(layout: Layout): string {
  const space = `${serviceName(layout)}-space.service`;
  return `# Written by fairlead; an upgrade writes it again. Use a drop-in for own settings.
[Unit]
Description=fairlead container agent (${layout.instance})
Wants=${space}
After=${space}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${agentCommand(layout).join(" ")}
Restart=always
RestartSec=1
TimeoutStartSec=90
# What it starts for its containers outlives it: only its own process is stopped.
KillMode=process
LimitNPROC=infinity
LimitCORE=infinity

[Install]
WantedBy=default.target
`;
}

/**
 * The unit of an ordinary user's namespaces: its control group is the part of the tree that systemd
 * gives to the user, and holds the containers.
 */
export function spaceFile(layout: Layout): string {
  const { prefix, run, instance } = layout;
  return `# Written by fairlead. To stop it ends all containers.
[Unit]
Description=fairlead containers (${instance})

[Service]
Type=notify
NotifyAccess=main
ExecStart=${prefix}/current/fairlead-runtime rootless hold --run ${run}
Delegate=yes
TasksMax=infinity
TimeoutStopSec=30
`;
}

/** Path of the unit file. */
export function unitPath(layout: Layout): string {
  return `${unitFolder(layout)}/${serviceName(layout)}.service`;
}

/** Path of the unit file of the namespaces. */
export function spacePath(layout: Layout): string {
  return `${unitFolder(layout)}/${serviceName(layout)}-space.service`;
}

function unitFolder({ user }: Layout): string {
  if (!user) return "/etc/systemd/system";
  // Not $XDG_CONFIG_HOME, which a user's manager need not share with a login.
  return user.base.replace(/\/\.local\/share\/fairlead$/, "/.config/systemd/user");
}

/** Path of the supervisor, which is also the command to run at boot where systemd does not run. */
export function supervisorPath(layout: Layout): string {
  return `${layout.prefix}/supervise-${layout.instance}`;
}

/**
 * A shell function: `supervisor PATH PIDFILE` prints the pid of the supervisor at a path while it
 * runs. After a crash the number in the file may have become that of any other process.
 */
const SUPERVISOR = `
supervisor() {
  read -r pid 2>/dev/null <"$2" && [ -n "$pid" ] || return 1
  tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "^\\(.*/\\)*\${1##*/}$" || return 1
  echo "$pid"
}
`;

/** The same, and `stop_supervisor PATH PIDFILE`: ends it and waits for it, at most ten seconds. */
export const STOP_SUPERVISOR = `${SUPERVISOR}
stop_supervisor() {
  old=$(supervisor "$1" "$2") && kill "$old" 2>/dev/null || return 0
  tries=0
  while kill -0 "$old" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries+1)); done
}
`;

/** The supervisor: starts the agent again when it ends, until it is told to stop. */
export function supervisorFile(layout: Layout): string {
  return `#!/bin/sh
# Keeps the fairlead agent (${layout.instance}) running where no systemd does. Written by fairlead.
# At boot, run this file in the background, for instance from ${atBoot(layout)}:
#   ${supervisorPath(layout)} </dev/null >/dev/null 2>&1 &
umask 022
run=${layout.run}
log=${layout.root}/agent.log
${ownFolder(layout)}mkdir -p "$run" ${layout.root}
chmod 711 "$run"; chmod 700 ${layout.root}
${SUPERVISOR}
other=$(supervisor ${supervisorPath(layout)} "$run/supervisor.pid") && [ "$other" != $$ ] && exit 0
echo $$ >"$run/supervisor.pid"
child=
stop() { trap - TERM INT HUP; [ -n "$child" ] && kill "$child" && wait "$child"
  rm -f "$run/supervisor.pid"; exit 0; }
trap stop TERM INT
trap '' HUP
# The limits of Docker's service, as far as the host gives them: containers inherit them.
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -H -n)"
ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -H -c)"
while :; do
  size=$(wc -c <"$log" 2>/dev/null) || size=0
  [ "$size" -gt 1048576 ] && mv -f "$log" "$log.1"
  ${agentCommand(layout).join(" ")} </dev/null >>"$log" 2>&1 &
  child=$!
  wait "$child"
  child=
  sleep 1
done
`;
}

function atBoot({ user }: Layout): string {
  return user ? "an @reboot line of crontab(5)" : "/etc/rc.local";
}

/** In /tmp anybody could make our folder first, and would then own what is in it. */
function ownFolder({ user, run }: Layout): string {
  if (!user || !run.startsWith("/tmp/")) return "";
  const dir = run.slice(0, run.lastIndexOf("/"));
  return `mkdir -m 700 ${dir} 2>/dev/null; [ -O ${dir} ] && [ ! -L ${dir} ] || exit 1\n`;
}
