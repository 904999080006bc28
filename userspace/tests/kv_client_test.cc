// SPDX-License-Identifier: GPL-2.0-or-later
// The key-value client against a server that can be told to lie.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include "tests/run_command.h"
#include "workload/kv_client.h"

namespace sluice {
namespace {

using Words = std::vector<std::string>;

// Serves one connection: SET, GET and PING of the Redis protocol, as far as the client uses it.
class FakeServer {
public:
    // `lie` may change the value that a GET returns.
    explicit FakeServer(const std::string &path, std::function<void(std::string &)> lie = {})
        : lie_(std::move(lie)), listener_(::socket(AF_UNIX, SOCK_STREAM, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
        if (::bind(listener_, reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0 ||
            ::listen(listener_, 1) != 0)
            throw std::runtime_error("cannot listen on " + path);
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeServer()
    {
        thread_.join();
        ::close(listener_);
    }

private:
    void serve()
    {
        const int peer = ::accept(listener_, nullptr, nullptr);
        char buffer[65536];
        for (ssize_t got; (got = ::read(peer, buffer, sizeof(buffer))) > 0;) {
            pending_.append(buffer, static_cast<size_t>(got));
            std::string answers;
            while (const auto words = take_request())
                answers += answer(*words);
            for (size_t sent = 0; sent < answers.size();)
                sent += static_cast<size_t>(
                    ::send(peer, answers.data() + sent, answers.size() - sent, 0));
        }
        ::close(peer);
    }

    // "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"; nothing if it has not all come yet.
    std::optional<Words> take_request()
    {
        size_t at = 0;
        const auto take_number = [&](char mark) -> std::optional<size_t> {
            const size_t end = pending_.find("\r\n", at);
            if (end == std::string::npos || pending_[at] != mark)
                return std::nullopt;
            const size_t number = std::stoul(pending_.substr(at + 1, end - at - 1));
            at = end + 2;
            return number;
        };
        Words words;
        const auto count = take_number('*');
        for (size_t i = 0; count && i < *count; ++i) {
            const auto size = take_number('$');
            if (!size || pending_.size() < at + *size + 2)
                return std::nullopt;
            words.push_back(pending_.substr(at, *size));
            at += *size + 2;
        }
        if (!count)
            return std::nullopt;
        pending_.erase(0, at);
        return words;
    }

    std::string answer(const Words &words)
    {
        if (words[0] == "PING")
            return "+PONG\r\n";
        if (words[0] == "SET") {
            values_[words[1]] = words[2];
            return "+OK\r\n";
        }
        const auto found = values_.find(words[1]);
        if (found == values_.end())
            return "$-1\r\n";
        std::string value = found->second;
        if (lie_)
            lie_(value);
        if (value == "error")
            return "-ERR told to\r\n";
        return "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
    }

    std::function<void(std::string &)> lie_;
    int listener_;
    std::string pending_;
    std::map<std::string, std::string> values_;
    std::thread thread_;
};

class KvClientTest : public ::testing::Test {
protected:
    KvClientTest()
    {
        config_.address.unix_path = directory_.path() + "/socket";
        config_.keys = 100;
    }

    TemporaryDirectory directory_;
    KvConfig config_;
};

TEST_F(KvClientTest, ReadsBackWhatItInserted)
{
    FakeServer server(config_.address.unix_path);
    auto client = KvClient::connect(config_);
    ASSERT_TRUE(client) << describe(client.error());
    EXPECT_TRUE(client->ping());
    const auto inserted = client->insert({});
    ASSERT_TRUE(inserted) << describe(inserted.error());
    EXPECT_EQ(inserted->halves.whole().operations, 100u);
    const auto read = client->read({1003, {}}, {});
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(read->halves.whole().operations, 1003u);
    EXPECT_EQ(read->corrupt_bytes, 0u);
    EXPECT_EQ(read->missing_values, 0u);
}

TEST_F(KvClientTest, SeesEveryWrongByte)
{
    FakeServer server(config_.address.unix_path, [](std::string &value) { value[500] ^= 4; });
    auto client = KvClient::connect(config_);
    ASSERT_TRUE(client);
    ASSERT_TRUE(client->insert({}));
    const auto read = client->read({50, {}}, {});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->corrupt_bytes, 50u);
}

TEST_F(KvClientTest, AMissingValueIsCorruptAsAWhole)
{
    FakeServer server(config_.address.unix_path);
    auto client = KvClient::connect(config_);
    ASSERT_TRUE(client);
    const auto read = client->read({10, {}}, {});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->missing_values, 10u);
    EXPECT_EQ(read->corrupt_bytes, 10 * config_.value_bytes);
}

TEST_F(KvClientTest, TheServersErrorIsHandedOn)
{
    FakeServer server(config_.address.unix_path, [](std::string &value) { value = "error"; });
    auto client = KvClient::connect(config_);
    ASSERT_TRUE(client);
    ASSERT_TRUE(client->insert({}));
    const auto read = client->read({10, {}}, {});
    ASSERT_FALSE(read);
    EXPECT_NE(describe(read.error()).find("ERR told to"), std::string::npos);
}

TEST_F(KvClientTest, NoServer)
{
    const auto client = KvClient::connect(config_);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().path, config_.address.unix_path);
}

}  // namespace
}  // namespace sluice
