state.o: src/shim/state.cc src/shim/state.hh src/base/error.hh \
 src/base/fd.hh src/shim/clock.hh src/shim/json.hh
src/shim/state.hh:
src/base/error.hh:
src/base/fd.hh:
src/shim/clock.hh:
src/shim/json.hh:
