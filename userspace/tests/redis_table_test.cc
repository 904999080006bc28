// SPDX-License-Identifier: GPL-2.0-or-later
// The load that is an unmodified server: it is filled, read, and a wrong or missing value is seen.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "bench/oracle.h"
#include "workload/redis_table.h"

namespace sluice {
namespace {

class RedisLoad : public testing::Test {
protected:
    void SetUp() override
    {
        auto made = RedisTable::create({.bytes = 4 << 20, .seed = 7});
        ASSERT_TRUE(made) << describe(made.error());
        load = std::move(*made);
    }
    RedisTable &table() { return static_cast<RedisTable &>(*load); }

    // Inserts the first keys anew, as another client would.
    void insert(uint64_t keys, uint64_t seed)
    {
        KvConfig other = table().client_config();
        other.keys = keys;
        other.seed = seed;
        auto client = KvClient::connect(other);
        ASSERT_TRUE(client);
        ASSERT_TRUE(client->insert({}));
    }

    std::unique_ptr<Load> load;
};

TEST_F(RedisLoad, CleanRunHasNoCorruptByte)
{
    EXPECT_EQ(load->corrupt_bytes(), 0U);
    load->step(10'000);
    EXPECT_EQ(load->corrupt_bytes(), 0U);
}

TEST_F(RedisLoad, WrongValuesAreSeenUntilTheyAreRight)
{
    insert(2, 8);
    EXPECT_GT(load->corrupt_bytes(), 1900U);
    insert(2, 7);
    EXPECT_EQ(load->corrupt_bytes(), 0U);
}

TEST_F(RedisLoad, WhatIsReadWhileItRunsCounts)
{
    insert(table().client_config().keys, 8);
    load->step(100);
    insert(table().client_config().keys, 7);
    EXPECT_GT(load->corrupt_bytes(), 95'000U);
}

TEST_F(RedisLoad, AServerThatIsGoneIsSeen)
{
    ASSERT_EQ(::kill(table().server_process(), SIGKILL), 0);
    siginfo_t ended;
    ASSERT_EQ(
        ::waitid(P_PID, static_cast<id_t>(table().server_process()), &ended, WEXITED | WNOWAIT), 0);
    load->step(100);
    EXPECT_GT(load->corrupt_bytes(), 0U);
}

TEST_F(RedisLoad, AnOracleIsRefused)
{
    const auto placed = bench::place_by_hand(Sysroot(), *load, 0);
    ASSERT_FALSE(placed);
    EXPECT_NE(describe(placed.error()).find("another process"), std::string::npos);
}

}  // namespace
}  // namespace sluice
