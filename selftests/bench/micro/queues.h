// SPDX-License-Identifier: GPL-2.0-or-later
// The channel and its peers behind one face. Each is used in the way that is fastest for it: in
// bulk and with tokens where it can do that.
#pragma once

#include <concurrentqueue/concurrentqueue.h>

#include <boost/lockfree/queue.hpp>
#include <deque>
#include <mutex>

#include "kernel.h"

namespace bench {

using unit::Entries;

inline constexpr unsigned kQueueEntries = 4096;
inline constexpr unsigned kMaxProducers = 8;

class SluiceQueue {
public:
    struct Producer {
        explicit Producer(SluiceQueue &queue) : queue(queue) {}
        unsigned push(std::span<const u64> in) { return queue.channel_.push(in); }
        SluiceQueue &queue;
    };
    unsigned pop(Entries &out)
    {
        return sluice_channel_pop(channel_.raw(), out.data(), out.size());
    }

private:
    unit::Channel channel_{kQueueEntries};
};

class MoodycamelQueue {
    using Queue = moodycamel::ConcurrentQueue<u64>;

public:
    struct Producer {
        explicit Producer(MoodycamelQueue &queue) : queue(queue), token(queue.queue_) {}
        unsigned push(std::span<const u64> in)
        {
            return queue.queue_.try_enqueue_bulk(token, in.begin(), in.size()) ? in.size() : 0;
        }
        MoodycamelQueue &queue;
        moodycamel::ProducerToken token;
    };
    unsigned pop(Entries &out) { return queue_.try_dequeue_bulk(token_, out.begin(), out.size()); }

private:
    Queue queue_{kQueueEntries, kMaxProducers, 0};
    moodycamel::ConsumerToken token_{queue_};
};

class BoostQueue {
public:
    struct Producer {
        explicit Producer(BoostQueue &queue) : queue(queue) {}
        unsigned push(std::span<const u64> in)
        {
            unsigned pushed = 0;
            while (pushed < in.size() && queue.queue_.bounded_push(in[pushed]))
                pushed++;
            return pushed;
        }
        BoostQueue &queue;
    };
    unsigned pop(Entries &out)
    {
        unsigned popped = 0;
        while (popped < out.size() && queue_.pop(out[popped]))
            popped++;
        return popped;
    }

private:
    boost::lockfree::queue<u64, boost::lockfree::fixed_sized<true>> queue_{kQueueEntries};
};

class DequeQueue {
public:
    struct Producer {
        explicit Producer(DequeQueue &queue) : queue(queue) {}
        unsigned push(std::span<const u64> in)
        {
            const std::lock_guard lock(queue.mutex_);
            const size_t room = kQueueEntries - queue.deque_.size();
            const auto taken = in.first(std::min(room, in.size()));
            queue.deque_.insert(queue.deque_.end(), taken.begin(), taken.end());
            return taken.size();
        }
        DequeQueue &queue;
    };
    unsigned pop(Entries &out)
    {
        const std::lock_guard lock(mutex_);
        const size_t nr = std::min(out.size(), deque_.size());
        std::copy_n(deque_.begin(), nr, out.begin());
        deque_.erase(deque_.begin(), deque_.begin() + nr);
        return nr;
    }

private:
    std::mutex mutex_;
    std::deque<u64> deque_;
};

}  // namespace bench
