log.o: src/shim/log.cc src/shim/log.hh src/base/error.hh src/base/fd.hh \
 src/shim/settings.hh src/shim/json.hh src/shim/clock.hh
src/shim/log.hh:
src/base/error.hh:
src/base/fd.hh:
src/shim/settings.hh:
src/shim/json.hh:
src/shim/clock.hh:
