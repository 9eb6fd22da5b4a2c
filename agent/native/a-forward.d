forward.o: src/shim/forward.cc src/shim/forward.hh \
 src/shim/dns-message.hh src/shim/loop.hh src/base/error.hh \
 src/base/fd.hh
src/shim/forward.hh:
src/shim/dns-message.hh:
src/shim/loop.hh:
src/base/error.hh:
src/base/fd.hh:
