// A lock on a host for the shell scripts that change an installation.

/**
 * Shell functions `lock FILE` and `unlock FILE`: with flock(1) where it is, else a folder with the
 * holder's pid, which is taken over when that process is gone. Both wait at most two minutes.
 */
export const LOCK = `
lock() {
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$1"
    tries=0
    until flock -n 9; do
      tries=$((tries+1))
      [ $tries -lt 240 ] || { echo "another installation is running on this host" >&2; exit 75; }
      sleep 0.5
    done
    return
  fi
  tries=0
  until mkdir "$1.d" 2>/dev/null; do
    holder=$(cat "$1.d/pid" 2>/dev/null) || holder=
    if [ -z "$holder" ] && [ $tries -lt 10 ]; then :
    elif [ -z "$holder" ] || ! kill -0 "$holder" 2>/dev/null; then rm -rf "$1.d"; fi
    tries=$((tries+1))
    [ $tries -lt 240 ] || { echo "another installation is running on this host" >&2; exit 75; }
    sleep 0.5 2>/dev/null || sleep 1
  done
  echo $$ >"$1.d/pid"
}
unlock() { if [ -d "$1.d" ]; then rm -rf "$1.d"; fi; }
`;
