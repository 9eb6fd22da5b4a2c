dns-message.o: src/shim/dns-message.cc src/shim/dns-message.hh
src/shim/dns-message.hh:
