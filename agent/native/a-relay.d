relay.o: src/shim/relay.cc src/base/error.hh src/base/fd.hh \
 src/commands.hh
src/base/error.hh:
src/base/fd.hh:
src/commands.hh:
