/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf-work MODE: a program of which every instruction is known, for tests of counters and samples. No library, no
 * linker at run time: what perf_work.h says is what it does between execve() and exit(). MODE is told by its first
 * letter: exact, random, uniform, slow (uniform on node 1), hot.
 */
#include "guest/perf_work.h"

	.globl	_start, exact_load, exact_store, random_load, hot_load
	.text
_start:
	mov	16(%rsp), %rax		/* argv[1] */
	movzbl	(%rax), %eax
	cmp	$'e', %al
	je	exact
	mov	%eax, %r15d
	movabs	$WORK_FACTOR, %r14
	movabs	$WORK_INCREMENT, %r13
	movabs	$WORK_R12, %r12
	movabs	$WORK_BUFFER, %rbp
	cmp	$'r', %al
	je	random
	cmp	$'s', %al
	jne	make_buffer
	push	$2			/* nodes: 1 only */
	mov	$238, %eax		/* set_mempolicy(MPOL_BIND, ...) */
	mov	$2, %edi
	mov	%rsp, %rsi
	mov	$64, %edx
	syscall
	test	%rax, %rax
	jnz	failed
make_buffer:
	mov	$9, %eax		/* mmap() */
	mov	%rbp, %rdi
	mov	$WORK_BYTES, %esi
	mov	$3, %edx		/* PROT_READ | PROT_WRITE */
	mov	$0x100022, %r10d	/* MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE */
	mov	$-1, %r8
	xor	%r9d, %r9d
	syscall
	cmp	%rbp, %rax
	jne	failed
	lea	WORK_BYTES(%rbp), %rdx
	mov	%rbp, %rdi
1:	mov	%rdi, (%rdi)		/* a page of its own everywhere */
	add	$4096, %rdi
	cmp	%rdx, %rdi
	jb	1b
	mov	$WORK_TURNS, %ecx
	xor	%eax, %eax
	cmp	$'h', %r15b
	je	hot

uniform:
	imul	%r14, %rax
	add	%r13, %rax
	mov	%rax, %rbx
	shr	$(64 - WORK_WORD_BITS), %rbx
	lea	(%rbp,%rbx,8), %rbx
random_load:
	mov	(%rbx), %rdx
	dec	%ecx
	jnz	uniform
	jmp	done

hot:
	imul	%r14, %rax
	add	%r13, %rax
	mov	%rax, %rbx
	shr	$(64 - WORK_WORD_BITS), %rbx
	mov	%rax, %rdi
	shr	$32, %rdi
	test	$WORK_HOT_OF_8, %dil
	jz	1f
	and	$(WORK_HOT_WORDS - 1), %ebx
1:	lea	(%rbp,%rbx,8), %rbx
hot_load:
	mov	(%rbx), %rdx
	dec	%ecx
	jnz	hot
	jmp	done

random:
	mov	$WORK_RANDOM_TURNS, %ecx
	xor	%eax, %eax
1:	imul	%r14, %rax
	add	%r13, %rax
	bt	$40, %rax
	jc	2f
	nop
2:	dec	%ecx
	jnz	1b
	jmp	done

exact:
	mov	$WORK_EXACT_TURNS, %ecx
1:
exact_load:
	mov	(%rsp), %rax
exact_store:
	mov	%rax, -8(%rsp)
	test	$1, %cl
	jz	2f
	nop
2:	dec	%ecx
	jnz	1b
done:
	xor	%edi, %edi
	mov	$60, %eax		/* exit() */
	syscall
failed:
	mov	$1, %edi
	mov	$60, %eax
	syscall

	.section .note.GNU-stack, "", @progbits
