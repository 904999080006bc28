/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the PVH entry (32 bits, no paging) and from the start-up IPI (16 bits) to 64 bits with memory mapped one to one.
 * Both ways join in enter_long_mode; the boot processor is the one that found no other before it.
 */
#define STACK_SIZE	0x4000
#define TRAMPOLINE	0x8000

	.section .note.pvh, "a"
	.long	4, 4, 18	/* sizes of name and value; XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	pvh_entry

	.section .boot, "ax"
	.code32
	.globl	pvh_entry
pvh_entry:
	cli
	cld
	movl	%ebx, start_info
	/* The first 4 GiB in pages of 2 MiB, for the kernel only. */
	movl	$boot_directories, %edi
	movl	$0x83, %eax
	xorl	%edx, %edx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	lgdt	boot_gdtr
	ljmp	$0x08, $enter_long_mode

enter_long_mode:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$boot_pml4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER: long mode, no-execute */
	rdmsr
	orl	$0x900, %eax
	wrmsr
	movl	$0x80010033, %eax	/* PG, WP, NE, ET, MP, PE */
	movl	%eax, %cr0
	ljmp	$0x18, $1f

	.code64
1:	movl	$1, %edi
	lock xaddl %edi, cpus_arrived(%rip)
	movl	%edi, %eax
	incl	%eax
	imull	$STACK_SIZE, %eax
	leaq	boot_stacks(%rip), %rsp
	addq	%rax, %rsp
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%ebp, %ebp
	call	cpu_main
2:	hlt
	jmp	2b

	.code16
	.globl	trampoline_start, trampoline_end
trampoline_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	TRAMPOLINE + trampoline_gdtr - trampoline_start
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$0x08, $enter_long_mode
	.balign	8
trampoline_gdtr:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt
trampoline_end:

	.data
	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00cf9a000000ffff	/* 0x08: code, 32 bits */
	.quad	0x00cf92000000ffff	/* 0x10: data */
	.quad	0x00af9a000000ffff	/* 0x18: code, 64 bits */
boot_gdt_end:
boot_gdtr:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt
	.globl	start_info, cpus_arrived
start_info:
	.long	0
cpus_arrived:
	.long	0

	.balign	4096
	.globl	boot_pml4
boot_pml4:
	.quad	boot_pdpt + 3
	.fill	511, 8, 0
boot_pdpt:
	.quad	boot_directories + 0x0003
	.quad	boot_directories + 0x1003
	.quad	boot_directories + 0x2003
	.quad	boot_directories + 0x3003
	.fill	508, 8, 0

	.bss
	.balign	4096
boot_directories:
	.skip	4 * 4096
boot_stacks:
	.skip	16 * STACK_SIZE

	.section .note.GNU-stack, "", @progbits
