streams.o: src/shim/streams.cc src/shim/streams.hh src/shim/connection.hh \
 src/base/fd.hh src/shim/loop.hh src/base/error.hh src/shim/log.hh \
 src/shim/settings.hh src/shim/json.hh
src/shim/streams.hh:
src/shim/connection.hh:
src/base/fd.hh:
src/shim/loop.hh:
src/base/error.hh:
src/shim/log.hh:
src/shim/settings.hh:
src/shim/json.hh:
