clock.o: src/shim/clock.cc src/shim/clock.hh
src/shim/clock.hh:
