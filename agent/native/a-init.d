init.o: src/shim/init.cc src/commands.hh
src/commands.hh:
