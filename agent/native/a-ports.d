ports.o: src/shim/ports.cc src/shim/ports.hh src/base/error.hh \
 src/base/fd.hh src/shim/settings.hh src/shim/json.hh
src/shim/ports.hh:
src/base/error.hh:
src/base/fd.hh:
src/shim/settings.hh:
src/shim/json.hh:
