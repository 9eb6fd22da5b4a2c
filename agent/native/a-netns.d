netns.o: src/shim/netns.cc src/shim/netns.hh src/base/error.hh \
 src/base/fd.hh
src/shim/netns.hh:
src/base/error.hh:
src/base/fd.hh:
