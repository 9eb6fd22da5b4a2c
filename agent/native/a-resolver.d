resolver.o: src/shim/resolver.cc src/shim/resolver.hh src/shim/forward.hh \
 src/shim/dns-message.hh src/shim/loop.hh src/base/error.hh \
 src/base/fd.hh src/shim/name-table.hh src/shim/settings.hh \
 src/shim/json.hh src/shim/netns.hh
src/shim/resolver.hh:
src/shim/forward.hh:
src/shim/dns-message.hh:
src/shim/loop.hh:
src/base/error.hh:
src/base/fd.hh:
src/shim/name-table.hh:
src/shim/settings.hh:
src/shim/json.hh:
src/shim/netns.hh:
