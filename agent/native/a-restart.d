restart.o: src/shim/restart.cc src/shim/restart.hh src/shim/settings.hh \
 src/base/error.hh src/shim/json.hh
src/shim/restart.hh:
src/shim/settings.hh:
src/base/error.hh:
src/shim/json.hh:
