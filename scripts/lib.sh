# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scripts of this folder share: places, messages, logged steps, downloads. Sourced, never run:
#
#	set -euo pipefail
#	. "$(dirname "$(readlink -f "$0")")/lib.sh"

shopt -s inherit_errexit

ROOT=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
BUILD=$ROOT/build
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sluice
JOBS=${JOBS:-$(nproc)}

# One identity and one date: a tree prepared twice has the same commit ids.
IDENTITY_NAME="Sluice developers"
IDENTITY_EMAIL="sluice@example.org"
BASE_DATE="2026-01-01T00:00:00Z"

say()
{
	printf '%s\n' "$*"
}

warn()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	printf '%s: error: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# step LOG TITLE COMMAND...: run COMMAND with its output in build/logs/LOG.log; print one line with the time it took.
# On failure: the last lines of the log, its path, exit.
step()
{
	local log=$BUILD/logs/$1.log title=$2 start=$SECONDS status
	shift 2
	mkdir -p "$BUILD/logs"
	printf '  %-60s ' "$title"
	# Not "|| status=$?": that would switch off errexit within COMMAND too.
	set +e
	(set -e; "$@") >"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ "$status" -eq 0 ]; then
		printf '%4d s\n' $((SECONDS - start))
		return
	fi
	printf 'FAILED after %d s (status %d)\n' $((SECONDS - start)) "$status"
	printf '%s\n' "--- last lines of ${log#"$ROOT"/}" >&2
	tail -n 30 "$log" >&2
	die "$title: failed; full output in $log"
}

# One at a time in the cache, which other clones use too. Held until the script ends.
cache_lock()
{
	mkdir -p "$CACHE"
	exec 9>"$CACHE/lock"
	flock 9
}

# Use ccache when it is there. Paths are hashed relative to the clone, so that another clone elsewhere hits too.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
compiler()
{
	if command -v ccache >/dev/null; then
		printf 'ccache %s' "$1"
	else
		printf '%s' "$1"
	fi
}

# QEMU wants meson >= 1.5. Where the distribution's is older, a newer one is used from the cache, not installed.
meson_path()
{
	local have meson=$CACHE/sources/meson.unpacked
	have=$(/usr/bin/python3 -c 'import mesonbuild.coredata as c; print(c.version)' 2>/dev/null || echo 0)
	if printf '1.5.0\n%s\n' "$have" | sort -V -C; then
		return
	fi
	"$ROOT/scripts/fetch" meson >&2
	rm -rf "$meson"
	dpkg-deb -x "$CACHE"/sources/meson/meson_*.deb "$meson"
	echo "$meson/usr/lib/python3/dist-packages"
}

# For meson, and for ninja, which calls it.
meson_environment()
{
	local path
	path=$(meson_path)
	export PYTHONPATH=${path:-${PYTHONPATH:-}}
}
