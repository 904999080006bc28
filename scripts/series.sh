# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Patch series <-> git tree. Sourced after lib.sh.
#
#	patches/guest/  <->  build/linux		patches/qemu/  <->  build/qemu-src
#
# In a tree, tag "base" is the source as fetched, branch "sluice" the series on top. What the two had in common when they
# last agreed is remembered in the tree: ref refs/sluice/synced (the commit) and refs/sluice/patches (a blob with the patches' hash).
# So "the tree was edited" and "the patches were edited" can be told apart, and neither is ever overwritten by the other.

# Nothing of the user's own git configuration may change a commit or a patch file.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

series_names()	# linux|qemu: set TREE and PATCHES
{
	case $1 in
	linux) TREE=$BUILD/linux PATCHES=$ROOT/patches/guest ;;
	qemu) TREE=$BUILD/qemu-src PATCHES=$ROOT/patches/qemu ;;
	*) die "no such tree: $1" ;;
	esac
}

series_files()	# DIR: its patches in order; a cover letter is none
{
	[ -d "$1" ] || return 0
	find "$1" -maxdepth 1 -name '[0-9]*.patch' ! -name '0000-*' | LC_ALL=C sort
}

series_hash()
{
	series_files "$PATCHES" | while read -r file; do
		basename "$file"
		cat "$file"
	done | sha256sum | cut -d' ' -f1
}

# series_apply GITDIR: commit the series on top of base without touching any working tree; print the last commit.
# git apply knows no fuzz: context must match to the letter.
series_apply()
{
	local repo=$1 commit tree file work
	work=$(mktemp -d)
	commit=$(git -C "$repo" rev-parse --verify -q "base^{commit}")
	export GIT_INDEX_FILE=$work/index
	git -C "$repo" read-tree "$commit"
	while read -r file; do
		if ! git mailinfo -b --encoding=UTF-8 "$work/message" "$work/diff" <"$file" >"$work/info" ||
			! git -C "$repo" apply --cached --whitespace=nowarn "$work/diff" >&2; then
			warn "patch does not apply: ${file#"$ROOT"/}"
			rm -rf "$work"
			return 1
		fi
		tree=$(git -C "$repo" write-tree)
		{
			sed -n 's/^Subject: //p' "$work/info"
			echo
			cat "$work/message"
		} | git stripspace >"$work/log"
		commit=$(
			GIT_AUTHOR_NAME=$(sed -n 's/^Author: //p' "$work/info") \
			GIT_AUTHOR_EMAIL=$(sed -n 's/^Email: //p' "$work/info") \
			GIT_AUTHOR_DATE=$(sed -n 's/^Date: //p' "$work/info") \
			GIT_COMMITTER_NAME=$IDENTITY_NAME GIT_COMMITTER_EMAIL=$IDENTITY_EMAIL \
			GIT_COMMITTER_DATE=$(sed -n 's/^Date: //p' "$work/info") \
			git -C "$repo" commit-tree -p "$commit" -F "$work/log" "$tree")
	done < <(series_files "$PATCHES")
	unset GIT_INDEX_FILE
	rm -rf "$work"
	echo "$commit"
}

# series_export GITDIR COMMIT DIR: base..COMMIT as patch files, the same bytes whoever runs it.
series_export()
{
	git -C "$1" -c core.quotepath=true -c diff.noprefix=false format-patch --quiet \
		--zero-commit --no-signature --no-numbered --no-thread --no-attach --no-cover-letter --no-renames \
		--subject-prefix=PATCH --abbrev=12 --unified=3 --diff-algorithm=myers --indent-heuristic \
		--base=base --output-directory="$3" "base..$2"
}

# series_cover GITDIR COMMIT LETTER: the cover letter with its end, list of patches and diffstat, made anew, on stdout.
# Above that it is written by hand.
series_cover()
{
	local nr
	nr=$(git -C "$1" rev-list --count "base..$2")
	sed -E -e "s:^(Subject. \[PATCH 0+/)[0-9]+:\1$nr:" -e '/^Sluice developers \([0-9]+\):$/,$d' "$3"
	git -C "$1" -c core.quotepath=true log --reverse --format='%an' "base..$2" | sort -u |
		sed "s/\$/ ($nr):/"
	git -C "$1" log --reverse --format='  %s' "base..$2"
	echo
	git -C "$1" -c core.quotepath=true diff --stat=72 --summary --no-renames "base..$2"
}

series_dirty()
{
	[ -n "$(git -C "$TREE" status --porcelain --untracked-files=normal)" ]
}

# Remember that tree and patches agree now.
series_synced()
{
	git -C "$TREE" update-ref refs/sluice/synced sluice
	git -C "$TREE" update-ref refs/sluice/patches "$(series_hash | git -C "$TREE" hash-object -w --stdin)"
}

series_tree_changed()
{
	[ "$(git -C "$TREE" rev-parse -q --verify refs/sluice/synced)" != "$(git -C "$TREE" rev-parse sluice)" ] || series_dirty
}

series_patches_changed()
{
	[ "$(git -C "$TREE" cat-file blob refs/sluice/patches 2>/dev/null)" != "$(series_hash)" ]
}
