main.o: src/shim/main.cc src/commands.hh src/runtime/container.hh \
 src/base/error.hh src/base/fd.hh src/runtime/cgroup.hh \
 src/runtime/spec.hh src/shim/control.hh src/shim/connection.hh \
 src/shim/loop.hh src/shim/json.hh src/shim/supervisor.hh \
 src/shim/execs.hh src/shim/inside.hh src/shim/streams.hh src/shim/log.hh \
 src/shim/settings.hh src/shim/health.hh src/shim/state.hh \
 src/shim/resolver.hh src/shim/forward.hh src/shim/dns-message.hh \
 src/shim/name-table.hh src/shim/restart.hh src/shim/home-group.hh
src/commands.hh:
src/runtime/container.hh:
src/base/error.hh:
src/base/fd.hh:
src/runtime/cgroup.hh:
src/runtime/spec.hh:
src/shim/control.hh:
src/shim/connection.hh:
src/shim/loop.hh:
src/shim/json.hh:
src/shim/supervisor.hh:
src/shim/execs.hh:
src/shim/inside.hh:
src/shim/streams.hh:
src/shim/log.hh:
src/shim/settings.hh:
src/shim/health.hh:
src/shim/state.hh:
src/shim/resolver.hh:
src/shim/forward.hh:
src/shim/dns-message.hh:
src/shim/name-table.hh:
src/shim/restart.hh:
src/shim/home-group.hh:
