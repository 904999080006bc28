// SPDX-License-Identifier: GPL-2.0-or-later
// Which files a guest gets for a kernel's name.

#include <fstream>

#include <gtest/gtest.h>

#include "harness_tests/fake_tree.h"

namespace {

TEST(Layout, AKernelWithModulesBringsItsOwnInitramfs)
{
    const FakeTree tree;
    const auto own = tree.root() / "build/kernel/stock/initramfs.cpio.gz";
    std::filesystem::create_directories(own.parent_path());
    std::ofstream(own.parent_path() / "bzImage") << "kernel";
    std::ofstream(own) << "image with modules";

    const auto stock = tree.layout().qemu("stock", "pmem", {});
    ASSERT_TRUE(stock) << stock.error().text();
    EXPECT_EQ(stock->initramfs, own);
    EXPECT_EQ(stock->kernel, own.parent_path() / "bzImage");

    const auto guest = tree.layout().qemu("guest", "pmem", {});
    ASSERT_TRUE(guest) << guest.error().text();
    EXPECT_EQ(guest->initramfs, tree.root() / "build/images/initramfs.cpio.gz");
}

TEST(Layout, AMissingKernelNamesItsTarget)
{
    const FakeTree tree;
    const auto hint = [&tree](const char *variant) {
        return tree.layout().qemu(variant, "pmem", {}).error().hint;
    };
    EXPECT_EQ(hint("stock"), "make stock");
    EXPECT_EQ(hint("debug"), "make kernel VARIANT=debug");
}

TEST(Layout, AGuestMayHaveOtherMemoryAndVcpusThanItsMachine)
{
    const FakeTree tree;
    const auto guest = tree.layout().qemu("guest", "pmem", {"64,128", 4});
    ASSERT_TRUE(guest) << guest.error().text();
    EXPECT_EQ(guest->machine.vcpus, 4u);
    EXPECT_EQ(guest->machine.nodes[0].cpus, "0-3");
    EXPECT_EQ(guest->machine.nodes[1].cpus, "");
    EXPECT_EQ(guest->machine.memory_mib(), 192u);

    const auto one = tree.layout().qemu("guest", "pmem", {"", 1});
    ASSERT_TRUE(one) << one.error().text();
    EXPECT_EQ(one->machine.nodes[0].cpus, "0");
}

TEST(Layout, KasanGetsTheMemoryThatItKeepsForItself)
{
    const FakeTree tree;
    const auto kasan = tree.root() / "build/kernel/kasan";
    std::filesystem::create_directories(kasan);
    std::ofstream(kasan / "bzImage") << "kernel";
    const auto guest = tree.layout().qemu("kasan", "pmem", {"256,1024", 0});
    ASSERT_TRUE(guest) << guest.error().text();
    EXPECT_EQ(guest->machine.nodes[0].memory_mib, 256u + 182 + 128);
    EXPECT_EQ(guest->machine.nodes[1].memory_mib, 1024u);
}

}  // namespace
