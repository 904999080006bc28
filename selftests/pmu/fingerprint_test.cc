// SPDX-License-Identifier: GPL-2.0-or-later
// Not a test of its own: counts and records of all sorts of accesses, for filter-is-exact to
// compare. Started with group=fingerprint.
#include "pmu.h"
#include "rt/memory.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kEvents[] = {pmu::kLoadLatency, pmu::kL1Miss,        pmu::kL3Hit,
                                pmu::kL3Miss,      pmu::kLlcReferences, pmu::kLlcMisses,
                                pmu::kLocalDram,   pmu::kRemoteDram};
constexpr uint64_t kPeriod = 7;
constexpr unsigned kBufferPages = 2048;

// Of all sizes, at odd addresses, across lines and pages, strings, stack, locked, vectors, x87.
SNIPPET(mixed_accesses, R"(
    mov $3000, %ecx
    mov $88172645, %rax
1:  imul $1103515245, %rax, %rax
    add $12345, %rax
    mov %rax, %rdx
    shr $16, %rdx
    and $0x1ffff, %edx
    lea (%rdi, %rdx), %rsi
    mov (%rsi), %rdx
    add %dl, 3(%rsi)
    mov %edx, 61(%rsi)
    movzwl 0x1000(%rsi), %edx
    lock incq 0x2000(%rsi)
    movdqu 0x3000(%rsi), %xmm0
    movdqu %xmm0, 0x3008(%rsi)
    vmovdqu 0x4000(%rsi), %ymm1
    vmovdqu %ymm1, 0x4010(%rsi)
    fldt 0x5000(%rsi)
    fstpt 0x5100(%rsi)
    push (%rsi)
    pop 8(%rsi)
    push %rcx
    push %rdi
    lea 0x8000(%rsi), %rdi
    mov $9, %ecx
    rep movsq
    pop %rdi
    pop %rcx
    dec %ecx
    jnz 1b
    ret
)");
constexpr unsigned kMixturePages = 32 + 12;

SNIPPET(scan_words, R"(
    mov $20000, %ecx
1:  mov (%rdi), %rax
    add $8, %rdi
    dec %ecx
    jnz 1b
    ret
)");
constexpr unsigned kScanPages = 40;

class Records {
public:
    Records() : area_(new_pages(1, kKernelPage)), buffer_(new_pages(kBufferPages, kKernelPage))
    {
        auto *ds = area_.memory<uint64_t>();
        ds[4] = ds[5] = buffer_.address;
        ds[6] = ds[7] = buffer_.address + kBufferPages * kPageSize;
        ds[8] = pmu::before_overflow(kPeriod);
        wrmsr(pmu::kDsArea, area_.address);
        wrmsr(pmu::kPebsDataCfg, 7);
        wrmsr(pmu::kPebsLdLat, 30);
    }
    uint64_t hash() const
    {
        uint64_t h = 14695981039346656037u;
        for (uint64_t at = 0; at < bytes(); at += 8)
            h = (h ^ *buffer_.memory<uint64_t>(at)) * 1099511628211u;
        return h;
    }
    uint64_t bytes() const { return area_.memory<uint64_t>()[5] - buffer_.address; }

private:
    Pages area_, buffer_;
};

void print(const char *what, void (*work)())
{
    const Records records;
    for (unsigned i = 0; i < pmu::kGeneral; i++)
        pmu::select(i, kEvents[i], i ? pmu::kOs : pmu::kOs | pmu::kAdaptive,
                    i ? 0 : pmu::before_overflow(kPeriod));
    pmu::select_fixed(0);
    pmu::select_fixed(1);
    wrmsr(pmu::kPebsEnable, 1);
    wrmsr(pmu::kGlobalCtrl, pmu::kCounterBits);
    work();
    wrmsr(pmu::kGlobalCtrl, 0);
    Text line = text("# ", what, ":");
    for (unsigned i = 1; i < pmu::kGeneral; i++)
        line.add(' ').add(pmu::counter(i));
    result_line(line.add(" instructions ")
                    .add(pmu::fixed_counter(0))
                    .add(" cycles ")
                    .add(pmu::fixed_counter(1))
                    .add(" records ")
                    .add(records.bytes())
                    .add(" hash ")
                    .add(Hex{records.hash()})
                    .add(" time ")
                    .add(rdtsc()));
    EXPECT(records.bytes() > 1000);
    pmu::reset();
}

Pages pages;

}  // namespace

TEST(fingerprint, of_all_sorts_of_accesses, Where::once, Time::virtual_, "fingerprint")
{
    pages = new_pages(kMixturePages, kKernelPage);
    print("scan", [] { scan_words(pages.window()); });
    print("mixture", [] { mixed_accesses(pages.window()); });
    print("again", [] { mixed_accesses(pages.window()); });
    print("address spaces", [] {
        for (unsigned i = 0; i < 20; i++) {
            scan_words(pages.window(i * 8));
            write_cr3(read_cr3());
        }
    });
    print("remapped", [] {
        for (unsigned i = 0; i < 50; i++) {
            const uint64_t page = pages.address + i % 32 * kPageSize;
            map_page(kernel_table(), page, pages.frame + i * 7 % 32 * kPageSize, kKernelPage);
            invlpg(page);
            scan_words(pages.window());
        }
    });
}
