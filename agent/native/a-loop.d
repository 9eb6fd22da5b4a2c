loop.o: src/shim/loop.cc src/shim/loop.hh src/base/error.hh \
 src/base/fd.hh src/shim/clock.hh
src/shim/loop.hh:
src/base/error.hh:
src/base/fd.hh:
src/shim/clock.hh:
