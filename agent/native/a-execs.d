execs.o: src/shim/execs.cc src/shim/execs.hh src/shim/inside.hh \
 src/base/error.hh src/runtime/container.hh src/base/fd.hh \
 src/runtime/cgroup.hh src/runtime/spec.hh src/shim/loop.hh \
 src/shim/streams.hh src/shim/connection.hh src/shim/log.hh \
 src/shim/settings.hh src/shim/json.hh
src/shim/execs.hh:
src/shim/inside.hh:
src/base/error.hh:
src/runtime/container.hh:
src/base/fd.hh:
src/runtime/cgroup.hh:
src/runtime/spec.hh:
src/shim/loop.hh:
src/shim/streams.hh:
src/shim/connection.hh:
src/shim/log.hh:
src/shim/settings.hh:
src/shim/json.hh:
