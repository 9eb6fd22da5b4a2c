# Runs a program as on a kernel that lacks some system calls: they answer ENOSYS, there and in all
# that it starts. x86-64 and arm64 by number.
# usage: older-kernel.py NUMBER... -- PROGRAM [ARGUMENT...]
import ctypes
import os
import struct
import sys

LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06
ALLOW, ENOSYS = 0x7FFF0000, 0x00050000 | 38
SET_SECCOMP, MODE_FILTER = 22, 2

end = sys.argv.index("--")
numbers = [int(word) for word in sys.argv[1:end]]
code = [struct.pack("HBBI", LOAD, 0, 0, 0)]
for number in numbers:
    code += [struct.pack("HBBI", EQUALS, 0, 1, number), struct.pack("HBBI", RETURN, 0, 0, ENOSYS)]
code.append(struct.pack("HBBI", RETURN, 0, 0, ALLOW))
text = ctypes.create_string_buffer(b"".join(code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(text)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(SET_SECCOMP, MODE_FILTER, program, 0, 0) != 0:
    sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[end + 1], sys.argv[end + 1 :])
