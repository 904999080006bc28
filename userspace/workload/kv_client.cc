// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/kv_client.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <algorithm>

namespace sluice {

namespace {

// A server that has gone away is an error, not the end of this process; hiredis has no flag for it.
class WithoutSigpipe {
public:
    WithoutSigpipe()
    {
        struct sigaction ignore{};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &ignore, &before_);
    }
    ~WithoutSigpipe() { ::sigaction(SIGPIPE, &before_, nullptr); }
    WithoutSigpipe(const WithoutSigpipe &) = delete;
    WithoutSigpipe &operator=(const WithoutSigpipe &) = delete;

private:
    struct sigaction before_{};
};

// "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n": a batch in one string is far cheaper than having hiredis
// format each request by itself.
void append_request(std::string &requests, std::initializer_list<std::string_view> words)
{
    const auto line = [&](char mark, size_t number) {
        ((requests += mark) += std::to_string(number)) += "\r\n";
    };
    line('*', words.size());
    for (std::string_view word : words) {
        line('$', word.size());
        (requests += word) += "\r\n";
    }
}

}  // namespace

std::string KvAddress::text() const
{
    return unix_path.empty() ? fmt::format("{}:{}", host, port) : unix_path;
}

void KvClient::Disconnect::operator()(redisContext *context) const
{
    redisFree(context);
}
void KvClient::FreeReply::operator()(redisReply *reply) const
{
    freeReplyObject(reply);
}

Error KvClient::broken(const char *operation) const
{
    return Error{Code::failed, operation, config_.address.text(), context_->errstr,
                 "is a redis-server listening there?"};
}

Result<KvClient> KvClient::connect(const KvConfig &config)
{
    KvClient client(config);
    const KvAddress &address = config.address;
    client.context_.reset(address.unix_path.empty()
                              ? redisConnect(address.host.c_str(), address.port)
                              : redisConnectUnix(address.unix_path.c_str()));
    if (!client.context_)
        return fail(Error{Code::failed, "connect to", address.text(), "out of memory", {}});
    if (client.context_->err)
        return fail(client.broken("connect to"));
    return client;
}

Result<> KvClient::send(const std::string &requests)
{
    if (redisAppendFormattedCommand(context_.get(), requests.data(), requests.size()) != REDIS_OK)
        return fail(broken("send to"));
    return {};
}

Result<KvClient::Reply> KvClient::receive()
{
    void *raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK)
        return fail(broken("receive from"));
    Reply reply(static_cast<redisReply *>(raw));
    if (reply->type == REDIS_REPLY_ERROR)
        return fail(Error{Code::failed, "use", config_.address.text(), reply->str,
                          "the server refused: its log says more"});
    return reply;
}

Result<> KvClient::ping()
{
    const WithoutSigpipe guard;
    std::string request;
    append_request(request, {"PING"});
    if (auto sent = send(request); !sent)
        return sent;
    const auto reply = receive();
    if (!reply)
        return propagate(reply);
    return {};
}

Result<> KvClient::insert_batch(uint64_t first, uint64_t count)
{
    const WithoutSigpipe guard;
    requests_.clear();
    for (uint64_t id = first; id < first + count; ++id)
        append_request(requests_, {"SET", kv_key(id), values_.of(id)});
    if (auto sent = send(requests_); !sent)
        return sent;
    for (uint64_t i = 0; i < count; ++i)
        if (const auto reply = receive(); !reply)
            return propagate(reply);
    return {};
}

Result<KvResult> KvClient::insert(const Hooks &hooks)
{
    KvResult result;
    Progress progress(Limit{config_.keys, {}}, hooks);
    uint64_t done = 0;
    while (progress.more(done)) {
        const uint64_t count = std::min(config_.pipeline, config_.keys - done);
        if (const auto inserted = insert_batch(done, count); !inserted)
            return propagate(inserted);
        done += count;
    }
    result.halves = progress.halves();
    result.interrupted = progress.interrupted();
    return result;
}

Result<> KvClient::read_keys(const std::vector<uint64_t> &ids, KvResult &result)
{
    const WithoutSigpipe guard;
    requests_.clear();
    for (uint64_t id : ids)
        append_request(requests_, {"GET", kv_key(id)});
    if (auto sent = send(requests_); !sent)
        return sent;
    for (uint64_t id : ids) {
        const auto reply = receive();
        if (!reply)
            return propagate(reply);
        const bool found = (*reply)->type == REDIS_REPLY_STRING;
        const std::string_view got = found ? std::string_view((*reply)->str, (*reply)->len) : "";
        result.missing_values += !found;
        result.corrupt_bytes += values_.corrupt_bytes(id, got);
    }
    return {};
}

Result<KvResult> KvClient::read(Limit limit, const Hooks &hooks)
{
    KvResult result;
    const auto chooser = make_chooser(config_.mode, config_.keys);
    Random random(config_.seed);
    std::vector<uint64_t> ids;
    uint64_t done = 0;
    Progress progress(limit, hooks);
    while (progress.more(done)) {
        const uint64_t left = limit.operations ? limit.operations - done : config_.pipeline;
        ids.resize(std::min(config_.pipeline, left));
        for (uint64_t &id : ids)
            id = chooser->next(random);
        if (const auto read = read_keys(ids, result); !read)
            return propagate(read);
        done += ids.size();
    }
    result.halves = progress.halves();
    result.interrupted = progress.interrupted();
    return result;
}

}  // namespace sluice
