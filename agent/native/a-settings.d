settings.o: src/shim/settings.cc src/shim/settings.hh src/base/error.hh \
 src/shim/json.hh
src/shim/settings.hh:
src/base/error.hh:
src/shim/json.hh:
