#!/bin/sh
# As the original: options belong to the server, which trusts its network.
set -e
[ "$1" = redis-server ] || [ "$1" = valkey-server ] && shift
case "${1:-}" in
"" | -* | *.conf) exec redis-server "$@" --protected-mode no ;;
*) exec "$@" ;;
esac
