// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/recorder.h"

#include "sluice/knobs.h"
#include "sluice/topology.h"
#include "trace/child.h"
#include "trace/process_filter.h"
#include "trace/tracefs.h"

#include <sys/utsname.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <ctime>

namespace sluice::trace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr timespec between_rounds = {0, 100'000'000};
constexpr int rounds_per_flush = 10;

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// What comes out of the kernel, less what is not wanted, into the file.
class FileSink {
public:
    FileSink(DataWriter &writer, ProcessFilter filter) : writer_(writer), filter_(std::move(filter))
    {
    }

    void operator()(const Timed &timed)
    {
        const uint64_t pid = pid_of(timed.event);
        if (!result_ || !filter_.wants(pid))
            return;
        if (const auto process = filter_.introduce(pid))
            result_ = writer_.write({timed.time_ns, *process});
        if (result_)
            result_ = writer_.write(timed);
        samples_ += std::holds_alternative<Sample>(timed.event);
        last_ns_ = timed.time_ns;
    }
    const Result<> &result() const { return result_; }
    uint64_t samples() const { return samples_; }
    uint64_t last_ns() const { return last_ns_; }

private:
    DataWriter &writer_;
    ProcessFilter filter_;
    Result<> result_;
    uint64_t samples_ = 0;
    uint64_t last_ns_ = 0;
};

class Recorder {
public:
    Recorder(const Sysroot &root, const RecordConfig &config, TraceInstance &instance,
             RawParser &parser, DataWriter &writer, uint64_t family)
        : root_(root),
          config_(config),
          instance_(instance),
          writer_(writer),
          sink_(writer, ProcessFilter(root, config.pid, family)),
          stream_(instance, parser)
    {
    }

    // Until stop(), the end of what is recorded, or of the time.
    Result<RecordResult> run(Child *child, const std::function<bool()> &stop,
                             const std::function<void(const RecordProgress &)> &progress)
    {
        Result<> going;
        while (going && !is_over(child, stop)) {
            going = round();
            progress(how_far());
        }
        if (child) {
            result_.asked = !child->ended();
            // It may have much to do before it ends, and that is recorded, too.
            const auto patience = std::chrono::duration<double>(config_.patience_s);
            const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
            result_.killed = !child->end(going ? wait : wait.zero(), [&] {
                going = round();
                return going.has_value();
            });
            result_.child_status = child->ended().value_or(0);
        }
        if (!going)
            return propagate(going);
        return finish();
    }

private:
    // A little time, and what has happened in it.
    Result<> round()
    {
        ::nanosleep(&between_rounds, nullptr);
        if (const auto round = stream_.round(to_file_); !round)
            return round;
        if (++rounds_ % rounds_per_flush == 0)
            if (const auto flushed = writer_.flush(); !flushed)
                return flushed;
        return sink_.result();
    }

    bool is_over(Child *child, const std::function<bool()> &stop)
    {
        result_.stopped = stop();
        return result_.stopped || (child && child->ended()) ||
               (config_.seconds > 0 && seconds_since(start_) >= config_.seconds) ||
               (config_.pid != 0 && !root_.exists("/proc/" + std::to_string(config_.pid)));
    }

    Result<RecordResult> finish()
    {
        if (const auto stopped = instance_.stop(); !stopped)
            return propagate(stopped);
        if (const auto finished = stream_.finish(to_file_); !finished)
            return propagate(finished);
        if (!sink_.result())
            return propagate(sink_.result());
        result_.last = how_far();
        if (const auto done = writer_.finish(sink_.last_ns(), result_.last.lost); !done)
            return propagate(done);
        result_.last.bytes = writer_.bytes();
        return result_;
    }

    // The kernel's own count of what it threw away; what was noticed on the way, if that is not to
    // be had.
    RecordProgress how_far() const
    {
        const auto lost = instance_.lost();
        return {seconds_since(start_), writer_.events(), sink_.samples(), writer_.bytes(),
                lost ? *lost : stream_.missed()};
    }

    const Sysroot &root_;
    const RecordConfig &config_;
    TraceInstance &instance_;
    DataWriter &writer_;
    FileSink sink_;
    const Sink to_file_ = [this](const Timed &timed) { sink_(timed); };
    EventStream stream_;
    int rounds_ = 0;
    RecordResult result_;
    Clock::time_point start_ = Clock::now();
};

// Without these there is nothing to show.
Result<> check_events(const RawParser &parser, const Sysroot &root)
{
    for (const std::string &name : parser.missing())
        for (const char *needed : {"epoch", "span", "sample", "range", "relocate"})
            if (name == needed)
                return fail(Error{Code::missing, "record",
                                  root.resolve(tracefs_directory).string() + "/events/sluice",
                                  "this kernel has no trace event sluice_" + name,
                                  "boot a kernel of the same version as this program"});
    return {};
}

std::string joined(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

}  // namespace

Info describe_system(const Sysroot &root, const RecordConfig &config)
{
    Info info;
    utsname name{};
    ::uname(&name);
    info.release = name.release;
    info.command = joined(config.command);
    info.pid = config.pid;
    info.start_s = static_cast<uint64_t>(std::time(nullptr));
    if (const auto knobs = read_knobs(root))
        for (const auto &[knob, value] : *knobs)
            if (const uint64_t *number = std::get_if<uint64_t>(&value))
                info.knobs[knob] = *number;
    if (const auto tiers = read_tiers(root))
        for (const Tier &tier : *tiers)
            for (const int node : tier.nodes)
                info.node_tier[std::to_string(node)] = static_cast<uint64_t>(tier.rank);
    return info;
}

Result<RecordResult> record(const Sysroot &root, const RecordConfig &config,
                            const std::function<bool()> &stop,
                            const std::function<void(const RecordProgress &)> &progress)
{
    if (config.pid != 0 && !root.exists("/proc/" + std::to_string(config.pid)))
        return fail(os_error("record", "process " + std::to_string(config.pid), ESRCH));
    auto instance = TraceInstance::create(root, config.buffer_kib);
    if (!instance)
        return propagate(instance);
    auto parser = RawParser::create(root, tracefs_directory);
    if (!parser)
        return propagate(parser);
    if (const auto enough = check_events(*parser, root); !enough)
        return propagate(enough);
    Info info = describe_system(root, config);
    info.words = parser->words();
    auto writer = DataWriter::create(config.output, info);
    if (!writer)
        return propagate(writer);
    std::optional<Child> child;
    if (!config.command.empty()) {
        auto prepared = Child::prepare(config.command);
        if (!prepared)
            return propagate(prepared);
        child.emplace(std::move(*prepared));
    }
    if (const auto started = instance->start(); !started)
        return propagate(started);
    if (child)
        if (const auto started = child->start(); !started)
            return propagate(started);
    const uint64_t family = child ? static_cast<uint64_t>(child->pid()) : 0;
    Recorder recorder(root, config, *instance, *parser, *writer, family);
    return recorder.run(child ? &*child : nullptr, stop, progress);
}

}  // namespace sluice::trace
