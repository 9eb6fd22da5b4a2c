name-table.o: src/shim/name-table.cc src/shim/name-table.hh \
 src/shim/json.hh src/base/error.hh
src/shim/name-table.hh:
src/shim/json.hh:
src/base/error.hh:
