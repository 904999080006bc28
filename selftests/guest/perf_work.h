/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What perf-work (perf_work.S) does, in numbers; shared with the tests that know what must come
 * out. */
#pragma once

/* exact: per turn one load, one store, two branches and, every other turn, a nop. */
#define WORK_EXACT_TURNS 1000000
#define WORK_EXACT_INSTRUCTIONS (WORK_EXACT_TURNS * 6 + WORK_EXACT_TURNS / 2 + 8)
#define WORK_EXACT_LOADS (WORK_EXACT_TURNS + 2)
#define WORK_EXACT_STORES WORK_EXACT_TURNS
#define WORK_EXACT_BRANCHES (WORK_EXACT_TURNS * 2 + 1)

/* random: per turn a branch that goes either way and one that closes the loop. */
#define WORK_RANDOM_TURNS 500000

/* uniform, slow, hot: one load a turn at a random word of a buffer; two loads of the stack come
 * before. */
#define WORK_TURNS 2000000
#define WORK_LOADS_BEFORE 2
#define WORK_BUFFER 0x100000000000
#define WORK_BYTES 0x4000000
#define WORK_WORD_BITS 23      /* 2^23 words of 8 bytes */
#define WORK_HOT_WORDS 0x80000 /* 4 MiB, a sixteenth, at the start */
#define WORK_HOT_OF_8 7        /* of eight loads go there, at least */

/* Registers while it runs: r12 and r14 hold these, rbp the buffer's start, rcx the turns left, rbx
 * the address. */
#define WORK_R12 0x5a5a1234cafef00d
#define WORK_FACTOR 6364136223846793005
#define WORK_INCREMENT 1442695040888963407
