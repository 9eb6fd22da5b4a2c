// A lock on a host for the shell scripts that change an installation, and how to see it held.

/**
 * Shell functions `lock FILE` and `unlock FILE`: with flock(1) where it is, else a folder with the
 * holder's pid, which is taken over when that process is gone. Both wait at most two minutes.
 */
export const LOCK = `
lock() {
  gone() { [ -d "\${1%/*}" ] || { echo "the installation was removed meanwhile" >&2; exit 75; }; }
  if command -v flock >/dev/null 2>&1; then
    tries=0
    # The holder before may have been an uninstall, which takes the file away with everything.
    until gone "$1"; exec 9>"$1" && flock -n 9 && [ "$1" -ef /proc/self/fd/9 ]; do
      tries=$((tries+1))
      [ $tries -lt 240 ] || { echo "another installation is running on this host" >&2; exit 75; }
      sleep 0.5
    done
    return
  fi
  tries=0
  until gone "$1"; mkdir "$1.d" 2>/dev/null; do
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

/** A shell function `locked FILE`, for users who may read the file and no more. */
export const LOCKED = `
locked() {
  if [ -f "$1" ] && command -v flock >/dev/null 2>&1; then
    ! flock -n -s "$1" true 2>/dev/null
  else
    holder=$(cat "$1.d/pid" 2>/dev/null) && [ -d "/proc/$holder" ]
  fi
}
`;
