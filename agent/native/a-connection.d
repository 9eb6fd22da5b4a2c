connection.o: src/shim/connection.cc src/shim/connection.hh \
 src/base/fd.hh src/shim/loop.hh src/base/error.hh src/shim/json.hh
src/shim/connection.hh:
src/base/fd.hh:
src/shim/loop.hh:
src/base/error.hh:
src/shim/json.hh:
