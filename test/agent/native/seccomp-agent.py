# Answers the system calls of a container: accepts one seccomp listener on a unix socket, prints the
# state that came with it, lets every call go on except those named, which do nothing and succeed.
# usage: seccomp-agent.py SOCKET NUMBER...
import array
import fcntl
import socket
import struct
import sys

RECEIVE, SEND, CONTINUE = 0xC0502100, 0xC0182101, 1
feigned = {int(number) for number in sys.argv[2:]}
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen(1)
print("listening", flush=True)
connection, _ = server.accept()
state, fds, _, _ = socket.recv_fds(connection, 65536, 1)
print(state.decode(), flush=True)
while True:
    request = array.array("B", bytes(80))
    try:
        fcntl.ioctl(fds[0], RECEIVE, request)
        id, pid, flags, number = struct.unpack_from("QIIi", request)
        answer = struct.pack("Qqii", id, 0, 0, 0 if number in feigned else CONTINUE)
        fcntl.ioctl(fds[0], SEND, answer)
    except FileNotFoundError:  # the process has ended meanwhile
        continue
    except OSError:
        break
