home-group.o: src/shim/home-group.cc src/shim/home-group.hh \
 src/base/error.hh src/runtime/cgroup.hh src/base/fd.hh \
 src/runtime/spec.hh src/shim/json.hh
src/shim/home-group.hh:
src/base/error.hh:
src/runtime/cgroup.hh:
src/base/fd.hh:
src/runtime/spec.hh:
src/shim/json.hh:
