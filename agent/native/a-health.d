health.o: src/shim/health.cc src/shim/health.hh src/shim/inside.hh \
 src/base/error.hh src/runtime/container.hh src/base/fd.hh \
 src/runtime/cgroup.hh src/runtime/spec.hh src/shim/loop.hh \
 src/shim/settings.hh src/shim/json.hh src/shim/state.hh \
 src/shim/clock.hh
src/shim/health.hh:
src/shim/inside.hh:
src/base/error.hh:
src/runtime/container.hh:
src/base/fd.hh:
src/runtime/cgroup.hh:
src/runtime/spec.hh:
src/shim/loop.hh:
src/shim/settings.hh:
src/shim/json.hh:
src/shim/state.hh:
src/shim/clock.hh:
