// SPDX-License-Identifier: GPL-2.0-or-later
// What the host does for a guest that asks: how it understands, measures and refuses.

#include <algorithm>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/host_services.h"
#include "harness/runner.h"
#include "harness_tests/fake_tree.h"

namespace {

constexpr char kInfo[] =
    "              Block Name    PSize              Offset               Used"
    "              Total                HVA  RO\n"
    "                      m1    4 KiB  0x0000000010000000 0x0000000040000000"
    " 0x0000000040000000 0x00007f5a80000000  rw\n"
    "             /objects/m0    2 MiB  0x0000000000000000 0x0000000010000000"
    " 0x0000000010000000 0x00007f5ac0000000  rw\n"
    "                 pc.bios    4 KiB  0x0000000050000000 0x0000000000040000"
    " 0x0000000000040000 0x00007f5ad0000000  ro\n";

TEST(HostServices, FindsANodesMemoryByItsName)
{
    const auto m0 = harness::find_ram_block(kInfo, "m0");
    ASSERT_TRUE(m0);
    EXPECT_EQ(m0->address, 0x7f5ac0000000u);
    EXPECT_EQ(m0->bytes, 0x10000000u);
    EXPECT_EQ(harness::find_ram_block(kInfo, "m1")->bytes, 0x40000000u);
    EXPECT_FALSE(harness::find_ram_block(kInfo, "m"));
    EXPECT_FALSE(harness::find_ram_block(kInfo, "m2"));
    EXPECT_FALSE(harness::find_ram_block("", "m0"));
}

TEST(HostServices, CountsPagesThatAreThere)
{
    constexpr size_t kPage = 4096, kPages = 20000, kTouched = 1234;
    void *p =
        mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(p, MAP_FAILED);
    madvise(p, kPages * kPage, MADV_NOHUGEPAGE);
    const harness::RamBlock block = {reinterpret_cast<uintptr_t>(p), kPages * kPage};
    EXPECT_EQ(harness::resident_kb(getpid(), block).value_or(1), 0u);
    for (size_t i = 0; i < kTouched; i++)
        static_cast<volatile char *>(p)[(i * 16 + 7) * kPage] = 1;
    EXPECT_EQ(harness::resident_kb(getpid(), block).value_or(0), kTouched * kPage / 1024);
    munmap(p, kPages * kPage);
    EXPECT_FALSE(harness::resident_kb(0, block));
}

TEST(HostServices, AddsUpTheRegistersOfAllCpus)
{
    EXPECT_EQ(harness::msr_accesses("CPU 0:\n  pmis: 8\n  msr 0x0000038f: reads 12 writes 40\n"
                                    "CPU 1:\n  msr 0x00000186: reads 0 writes 1\n"
                                    "  msr 0x0000038f: reads 1 writes 2\n"),
              "186:1 38f:55");
    EXPECT_EQ(harness::msr_accesses(""), "");
}

TEST(HostServices, AnswersEachLineOnceAndRefusesWhatItCannotDo)
{
    harness::HostServices host("/nowhere/qmp", getpid());
    EXPECT_EQ(host.feed("ballo"), "");
    EXPECT_EQ(host.feed("on 5"), "");
    const auto answer = host.feed("12\nresident 0\nunpl");
    EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 2) << answer;
    EXPECT_TRUE(answer.starts_with("failed cannot connect to /nowhere/qmp")) << answer;
}

// Through the pipes of a guest that is a script; there is no QEMU behind it to obey.
TEST(HostServices, AGuestGetsItsAnswer)
{
    FakeTree tree;
    auto job = FakeTree::job("asks-the-host");
    job.host_services = true;
    const auto result = harness::run_job(tree.layout(), job);
    const auto output = harness::read_file(result.log_dir + "/output.log").value_or("");
    EXPECT_TRUE(output.starts_with("the host said: failed cannot connect to")) << output;
}

}  // namespace
