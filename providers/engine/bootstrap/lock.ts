// A lock on a host for the shell scripts that change an installation, and how to see it held.

/** The lock of a bundle's folder. Nobody but its owner may open it, and so hold it up. */
export function lockPath(prefix: string): string {
  return `${prefix}/.installing`;
}

// Who holds the lock stands beside it, for those who may not open it: a pid, when that process
// began, by which a number that was given again is told apart, and a name.
const HOLDER = `
began() {
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  set -- \${line##*) }
  echo "\${20}"
}
holder() {
  read -r pid since who 2>/dev/null <"$1.by" && [ "$(began "$pid")" = "$since" ] || return 1
  echo "$who (process $pid)"
}
`;

/**
 * Shell functions `lock FILE` and `unlock FILE`: with flock(1) where it is, else a folder, which is
 * taken over when its holder is gone. Both wait at most two minutes, and say for whom.
 */
export const LOCK = `${HOLDER}
waits() {
  tries=$((tries+1))
  by=$(holder "$1") || by="another client"
  if [ $tries -ge 240 ]; then
    echo "$by is changing this installation for more than two minutes" >&2; exit 75
  fi
  [ $((tries%10)) != 1 ] || echo "step: waiting for $by, who is changing this installation" >&2
  sleep 0.5 2>/dev/null || sleep 1
}
lock() {
  gone() { [ -d "\${1%/*}" ] || { echo "the installation was removed meanwhile" >&2; exit 75; }; }
  tries=0
  if command -v flock >/dev/null 2>&1; then
    # The holder before may have been an uninstall, which takes the file away with everything.
    until gone "$1"; (umask 077; : >>"$1") && exec 9>>"$1" && flock -n 9 &&
      [ "$1" -ef /proc/self/fd/9 ]; do waits "$1"; done
  else
    until gone "$1"; mkdir "$1.d" 2>/dev/null; do
      [ $tries -lt 10 ] || holder "$1" >/dev/null || rmdir "$1.d" 2>/dev/null
      waits "$1"
    done
  fi
  rm -f "$1.by"
  echo "$$ $(began $$) \${SUDO_USER:-$(id -un)}" >"$1.by"
}
unlock() { rm -f "$1.by"; if [ -d "$1.d" ]; then rmdir "$1.d"; fi; }
`;

/** A shell function `locked FILE`, for users who may read the folder and no more. */
export const LOCKED = `${HOLDER}
locked() { holder "$1" >/dev/null; }
`;
