# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A private apt, for what the system's own sources do not list (source packages of a newer release, backports).
# It takes mirrors, proxies and keys from the system, keeps its lists in our cache and changes nothing else.
# No root needed. Sourced after lib.sh.

APT=$CACHE/apt
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The system's mirror of the archive whose release name matches $1, as apt itself reads its configuration
# (.list and .sources alike).
apt_mirror()
{
	# shellcheck disable=SC2016	# apt's variables, not ours
	apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		awk -v release="$1" '$1 ~ release && $2 !~ /^(cdrom|copy):/ && !uri { uri = $2 }
			END { print uri }'
}

apt_private()
{
	local command=$1
	shift
	"$command" \
		-o Dir::Etc::sourcelist="$APT/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::lists="$APT/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$APT/cache" -o APT::Sandbox::User= \
		-o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::AllowInsecureRepositories=false "$@"
}

# Fetch the lists. bookworm: kernel source (security or backports), meson (backports). trixie: QEMU's source.
apt_update()
{
	local mirror security
	[ -f "$KEYRING" ] || die "$KEYRING is missing: not a Debian system? See SLUICE_*_TARBALL in scripts/fetch --help"
	mirror=$(apt_mirror '^(bookworm|trixie|stable|oldstable)$')
	[ -n "$mirror" ] || die "no Debian mirror in the system's apt sources"
	security=$(apt_mirror '-security$')
	mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial"
	{
		echo "deb [signed-by=$KEYRING] $mirror bookworm-backports main"
		[ -z "$security" ] || echo "deb [signed-by=$KEYRING] $security bookworm-security main"
		echo "deb-src [signed-by=$KEYRING] $mirror trixie main"
	} >"$APT/sources.list"
	apt_private apt-get update --error-on=any
}

# A tool that only Debian's unstable has. Its lists are large, and are asked for by nothing else: they have a place of
# their own. Nothing of it is installed; it runs from the cache with the libraries that it came with.
apt_use_unstable()
{
	APT=$CACHE/apt-unstable
}

apt_update_unstable()
{
	local mirror
	mirror=$(apt_mirror '^(bookworm|trixie|stable|oldstable)$')
	[ -n "$mirror" ] || die "no Debian mirror in the system's apt sources"
	mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial"
	echo "deb [signed-by=$KEYRING] $mirror sid main" >"$APT/sources.list"
	apt_private apt-get update --error-on=any
}

# Is the answer of our last update still good? (An hour: the files that it names leave the mirror some day.)
apt_fresh()
{
	[ -n "$(find "$APT/lists" -maxdepth 1 -name '*_InRelease' -mmin -60 2>/dev/null)" ]
}
