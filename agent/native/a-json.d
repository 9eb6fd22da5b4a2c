json.o: src/shim/json.cc src/shim/json.hh src/base/error.hh \
 src/base/fd.hh
src/shim/json.hh:
src/base/error.hh:
src/base/fd.hh:
