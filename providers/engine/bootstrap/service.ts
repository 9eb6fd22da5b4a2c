// How the agent is kept running: a systemd unit, or a small supervising shell elsewhere. Texts
// only.
import { agentCommand, type Layout, serviceName } from "./layout.ts";

/** The unit file. */
export function unitFile(layout: Layout): string {
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
LimitNOFILE=1048576
LimitCORE=0
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;
}

/** Path of the unit file. */
export function unitPath(layout: Layout): string {
  return `/etc/systemd/system/${serviceName(layout)}.service`;
}

/** Path of the supervisor, which is also the command to run at boot where systemd does not run. */
export function supervisorPath(layout: Layout): string {
  return `${layout.prefix}/supervise-${layout.instance}`;
}

/** The supervisor: starts the agent again when it ends, until it is told to stop. */
export function supervisorFile(layout: Layout): string {
  return `#!/bin/sh
# Keeps the fairlead agent (${layout.instance}) running where no systemd does. Written by fairlead.
# At boot, run this file in the background, for instance from /etc/rc.local:
#   ${supervisorPath(layout)} </dev/null >/dev/null 2>&1 &
umask 022
run=${layout.run}
log=${layout.root}/agent.log
mkdir -p "$run" ${layout.root}
chmod 711 "$run" ${layout.root}
if [ -f "$run/supervisor.pid" ]; then
  read -r other <"$run/supervisor.pid"
  if [ "$other" != $$ ] && kill -0 "$other" 2>/dev/null; then exit 0; fi
fi
echo $$ >"$run/supervisor.pid"
child=
stop() { trap - TERM INT HUP; [ -n "$child" ] && kill "$child" && wait "$child"
  rm -f "$run/supervisor.pid"; exit 0; }
trap stop TERM INT
trap '' HUP
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
