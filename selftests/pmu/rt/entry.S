/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts and exceptions in; ring 3 and back; what is counted between two WRMSRs. */

	.text
	.code64

/* Vectors with an error code: 8, 10 to 14, 17, 21. */
	.altmacro
	.macro	stub vector
	.balign	16
	.if	!((\vector == 8) || (\vector >= 10 && \vector <= 14) || (\vector == 17) || (\vector == 21))
	pushq	$0
	.endif
	pushq	$\vector
	jmp	interrupt_common
	.endm

	.balign	16
	.globl	interrupt_stubs
interrupt_stubs:
	.set	n, 0
	.rept	256
	stub	%n
	.set	n, n + 1
	.endr

interrupt_common:
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	movq	%rsp, %rbx
	andq	$-16, %rsp
	call	interrupt_entry
	movq	%rbx, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

/*
 * void enter_user(uint64_t *saved_rsp, const UserStart *start)
 * UserStart: rip, rsp, argument. Comes back through leave_user(saved_rsp).
 */
	.globl	enter_user
enter_user:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	pushq	$0x23
	pushq	8(%rsi)
	pushq	$0x202
	pushq	$0x2b
	pushq	(%rsi)
	movq	16(%rsi), %rdi
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%ebp, %ebp
	iretq

	.globl	leave_user
leave_user:
	movq	%rdi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/*
 * void run_counted(uint64_t ctrl, void (*snippet)(void *), void *argument)
 * Counters are enabled by the first WRMSR of IA32_PERF_GLOBAL_CTRL and disabled by the second: the snippet runs between
 * them, and 5 instructions of ours, with one store (call) and the load of the snippet's own RET.
 */
	.globl	run_counted
run_counted:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movq	%rsi, %rbx
	movq	%rdx, %r12
	movq	%rdi, %rax
	movq	%rdi, %rdx
	shrq	$32, %rdx
	movl	$0x38f, %ecx
	wrmsr
	movq	%r12, %rdi
	call	*%rbx
	movl	$0x38f, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.section .snippets, "ax"
	.globl	user_exit
user_exit:
	int	$0x80

	.section .note.GNU-stack, "", @progbits
