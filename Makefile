# SPDX-License-Identifier: GPL-2.0-or-later
#
# The front door. Each target is a small script in scripts/ that does only what is not done yet, and can be interrupted and
# started again. Full output of every step: build/logs/.

VARIANT ?= guest
PREFIX ?= /usr/local
export JOBS

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help deps kernel-tree kernel stock qemu image userspace selftests demo test bench bench-quick bench-micro bench-sim litmus bisect-check check tidy coverage fuzz install refresh clean distclean

help:		## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "  VARIANT=guest|debug|bench|kasan|lockdep|kcsan chooses the kernel (of make test: that of all guests),"
	@echo "  JOBS=N the number of compilers; sources: scripts/fetch --help"

deps:		## install the Debian packages that are missing (as root or through sudo)
	@scripts/deps

kernel-tree: deps-kernel	## build/linux: the kernel's source with patches/guest applied, a git tree to work in
	@scripts/prepare-tree linux

qemu-tree: deps-qemu		## build/qemu-src: the same for QEMU and patches/qemu
	@scripts/prepare-tree qemu

kernel: kernel-tree		## build/kernel/VARIANT: the guest kernel
	@scripts/build-kernel $(VARIANT)

qemu: qemu-tree			## build/qemu: QEMU with the emulated PMU
	@scripts/build-qemu

userspace: deps-userspace kernel-tree	## build/userspace/bin: the sluice tool and its workloads
	@scripts/build-cmake userspace

selftests: deps-selftests kernel-tree	## build/selftests: tests, and the launcher behind scripts/vm
	@scripts/build-cmake selftests

image: deps-selftests kernel-tree	## build/images: the initramfs that guests start from
	@scripts/build-cmake selftests image
	@scripts/build-cmake selftests vm

stock: image deps-stock		## build/kernel/stock: Debian's own kernel and perf, unpatched, nothing compiled
	@scripts/build-stock

demo: deps-demo qemu kernel image userspace	## first touch against Sluice, on an unmodified redis-server
	@scripts/demo

ifeq ($(VARIANT),guest)
test: deps-demo deps-stock qemu selftests image userspace	## everything, from unit tests to guests; ends with 'N passed, N failed, N skipped'
	@scripts/build-kernel guest
	@scripts/build-kernel debug
	@scripts/build-stock
	@build/selftests/bin/run-tests
else
test: qemu selftests image userspace
	@scripts/build-kernel $(VARIANT)
	@build/selftests/bin/run-tests --variant $(VARIANT)
endif

bench: bench-needs	## loads by policies in virtual time: build/bench/results.json, docs/results.md (hours)
	@scripts/bench --suite full

bench-quick: bench-needs	## a small part of that (a quarter of an hour)
	@scripts/bench --suite quick

bench-micro: deps-bench selftests	## channel and classifier beside their peers, on this host
	@scripts/bench --micro

bench-sim: userspace selftests	## sensitivity to parameters and scaling, by simulation: docs/sensitivity.md
	@build/selftests/bin/bench-sensitivity

bench-needs: qemu selftests userspace
	@scripts/build-kernel bench

litmus: deps-litmus kernel-tree	## the channel: its ordering against the kernel's memory model (herd7), its algorithm (spin)
	@scripts/litmus

bisect-check: $(if $(filter qemu,$(SERIES)),qemu-tree,kernel-tree)	## each patch of patches/guest builds on its own (SERIES=qemu: of patches/qemu)
	@scripts/bisect-check $(or $(SERIES),linux)

check: deps-check kernel-tree qemu-tree	## format, spelling, shell, checkpatch; series apply, and are what refresh writes
	@scripts/check

tidy: deps-tidy deps-userspace kernel-tree	## clang-tidy on user space
	@scripts/tidy

coverage: deps-coverage deps-userspace kernel-tree	## which lines of libsluice the tests run; fails below 90 %
	@scripts/coverage

fuzz: deps-fuzz deps-userspace kernel-tree	## libFuzzer on the reader of recordings, a minute (longer: scripts/fuzz SECONDS)
	@scripts/fuzz

install: userspace	## the sluice command, its man page, completion and schemas, below DESTDIR/PREFIX (/usr/local)
	@DESTDIR=$(DESTDIR) cmake --install build/userspace --prefix $(PREFIX)

refresh:	## write build/linux and build/qemu-src back to patches/ (FORCE=1: even over patches that changed)
	@scripts/refresh $(if $(FORCE),--force) linux
	@scripts/refresh $(if $(FORCE),--force) qemu

clean:		## remove what was built; the source trees stay
	@scripts/clean

distclean:	## remove build/ (not the download cache); stops if a tree holds work that is not in patches/
	@scripts/clean --all

# Packages of one group of scripts/packages.
deps-%:
	@scripts/deps $*
