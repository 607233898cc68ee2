#!/usr/bin/env bash
# The steps of action.yml. They stand here and not there so that they can be tested, and so that inputs reach them as
# environment variables only: text that is pasted into a script can become a command.
set -euo pipefail

EXIT_USAGE=64

usage() {
  cat <<'TEXT'
usage: github-action.sh setup | run

setup  installs what powercut needs, tries to load dm-log-writes, says what this machine can do
run    runs powercut with the words in POWERCUT_ARGS and writes exit-code to the file in GITHUB_OUTPUT
POWERCUT_SUDO=true runs it as root, with this PATH and environment.
Exit status: of run, powercut's own; 64 wrong use.
TEXT
}

# The project's own powercut, of the version in its lock file; else the one that this script came with.
package_folder() {
  if [ -e node_modules/powercut/package.json ]; then
    cd node_modules/powercut
  else
    cd "$(dirname "${BASH_SOURCE[0]}")/.."
  fi
  pwd -P
}

# sudo has a PATH of its own, without what setup-node put there; so Node is named by its path, and the PATH handed on for
# the store's commands. The environment too: without GITHUB_ACTIONS and GITHUB_STEP_SUMMARY there would be no annotations.
powercut() {
  local command=("$(command -v node)" "$(package_folder)/dist/bin/powercut.js" "$@")
  if [ "${POWERCUT_SUDO-}" = true ] && [ "$(id -u)" != 0 ]; then
    sudo -n --preserve-env env "PATH=$PATH" "${command[@]}"
  else
    "${command[@]}"
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Hosted runners keep it in a package of its own, which at times is not to be had for the kernel that runs. Then recordings
# are made in a guest.
load_dm_log_writes() {
  as_root modprobe dm-log-writes 2>/dev/null && return
  command -v apt-get >/dev/null || return 0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "linux-modules-extra-$(uname -r)" >/dev/null 2>&1 &&
    as_root modprobe dm-log-writes 2>/dev/null && return
  echo "setup: this kernel has no dm-log-writes to load; recordings are made in a guest"
}

setup() {
  bash "$(package_folder)/scripts/setup.sh"
  load_dm_log_writes
  echo '::group::powercut doctor'
  powercut doctor || true
  echo '::endgroup::'
}

# xargs knows quotes and backslashes as a shell does, and expands nothing.
run() {
  local words status=0
  words=$(mktemp)
  if ! printf '%s\n' "${POWERCUT_ARGS-}" | xargs -r printf '%s\0' >"$words"; then
    echo "::error title=powercut::the input args has a quote without its end" >&2
    rm -f "$words"
    exit $EXIT_USAGE
  fi
  mapfile -d '' -t arguments <"$words"
  rm -f "$words"
  powercut "${arguments[@]}" || status=$?
  echo "exit-code=$status" >>"${GITHUB_OUTPUT:-/dev/null}"
  exit "$status"
}

case ${1-} in
  setup) setup ;;
  run) run ;;
  -h | --help) usage ;;
  *)
    usage >&2
    echo "github-action.sh: unknown argument \"${1-}\"" >&2
    exit $EXIT_USAGE
    ;;
esac
