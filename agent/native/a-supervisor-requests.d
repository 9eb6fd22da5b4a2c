supervisor-requests.o: src/shim/supervisor-requests.cc src/shim/clock.hh \
 src/shim/supervisor.hh src/runtime/container.hh src/base/error.hh \
 src/base/fd.hh src/runtime/cgroup.hh src/runtime/spec.hh \
 src/shim/execs.hh src/shim/inside.hh src/shim/loop.hh \
 src/shim/streams.hh src/shim/connection.hh src/shim/log.hh \
 src/shim/settings.hh src/shim/json.hh src/shim/health.hh \
 src/shim/state.hh src/shim/resolver.hh src/shim/forward.hh \
 src/shim/dns-message.hh src/shim/name-table.hh src/shim/restart.hh
src/shim/clock.hh:
src/shim/supervisor.hh:
src/runtime/container.hh:
src/base/error.hh:
src/base/fd.hh:
src/runtime/cgroup.hh:
src/runtime/spec.hh:
src/shim/execs.hh:
src/shim/inside.hh:
src/shim/loop.hh:
src/shim/streams.hh:
src/shim/connection.hh:
src/shim/log.hh:
src/shim/settings.hh:
src/shim/json.hh:
src/shim/health.hh:
src/shim/state.hh:
src/shim/resolver.hh:
src/shim/forward.hh:
src/shim/dns-message.hh:
src/shim/name-table.hh:
src/shim/restart.hh:
