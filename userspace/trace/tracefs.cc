// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/tracefs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <thread>

namespace sluice::trace {

namespace {

constexpr std::string_view prefix = "sluice-";

std::string instances()
{
    return std::string(tracefs_directory) + "/instances";
}

// The kernel refuses as long as somebody reads from it, which may be our own last read.
void remove_instance(const Sysroot &root, const std::string &directory)
{
    (void)root.write(directory + "/tracing_on", "0");
    (void)root.write(directory + "/events/enable", "0");
    const std::string path = root.resolve(directory).string();
    for (int tries = 0; ::rmdir(path.c_str()) != 0 && errno == EBUSY && tries < 50; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

void remove_leftovers(const Sysroot &root)
{
    const auto names = root.list(instances());
    if (!names)
        return;
    for (const std::string &name : *names) {
        const int pid = pid_of_instance(name);
        if (pid != 0 && ::kill(pid, 0) != 0 && errno == ESRCH)
            remove_instance(root, instances() + "/" + name);
    }
}

// "overrun: 12": the number; 0 if there is no such line.
uint64_t number_after(std::string_view text, std::string_view key)
{
    uint64_t number = 0;
    const size_t at = text.find(key);
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
    return number;
}

Error no_tracefs(const Sysroot &root)
{
    return {Code::missing, "use", root.resolve(tracefs_directory).string(), "there is no tracefs",
            "mount -t tracefs nodev /sys/kernel/tracing, as root"};
}

}  // namespace

Error no_events(const Sysroot &root, const std::string &path)
{
    const bool has_sluice = root.exists("/proc/sys/vm/sluice");
    return {Code::missing, "record", path, "this kernel has no trace events of Sluice",
            has_sluice
                ? "its Sluice is older than this program: boot a kernel with the patches that "
                  "came with it"
                : "boot a kernel with CONFIG_SLUICE; sluice doctor tells more"};
}

int pid_of_instance(std::string_view name)
{
    int pid = 0;
    if (!name.starts_with(prefix))
        return 0;
    name.remove_prefix(prefix.size());
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc() && end == name.data() + name.size() && pid > 0 ? pid : 0;
}

TraceInstance::TraceInstance(Sysroot root, std::string directory)
    : root_(std::move(root)), directory_(std::move(directory))
{
}

TraceInstance::TraceInstance(TraceInstance &&other) noexcept
    : root_(std::move(other.root_)),
      directory_(std::exchange(other.directory_, {})),
      cpu_names_(std::move(other.cpu_names_)),
      pipes_(std::exchange(other.pipes_, {}))
{
}

TraceInstance::~TraceInstance()
{
    for (const int pipe : pipes_)
        ::close(pipe);
    if (!directory_.empty())
        remove_instance(root_, directory_);
}

Result<> TraceInstance::put(const char *file, std::string_view text) const
{
    return root_.write(directory_ + "/" + file, text);
}

Result<TraceInstance> TraceInstance::create(const Sysroot &root, uint64_t buffer_kib)
{
    if (!root.exists(instances())) {
        // Without the right to look into it, it seems not to be there.
        if (root.exists(tracefs_directory) && ::geteuid() != 0)
            return fail(os_error("use", root.resolve(tracefs_directory).string(), EACCES));
        return fail(no_tracefs(root));
    }
    remove_leftovers(root);
    const std::string directory = fmt::format("{}/{}{}", instances(), prefix, ::getpid());
    const std::string path = root.resolve(directory).string();
    if (::mkdir(path.c_str(), 0700) != 0)
        return fail(os_error("make the trace instance", path, errno));
    TraceInstance instance(root, directory);
    if (!root.exists(directory + "/events/sluice"))
        return fail(no_events(root, path + "/events/sluice"));
    if (const auto put = instance.put("trace_clock", "mono"); !put)
        return propagate(put);
    if (const auto put = instance.put("buffer_size_kb", std::to_string(buffer_kib)); !put)
        return propagate(put);
    if (const auto opened = instance.open_pipes(); !opened)
        return propagate(opened);
    return instance;
}

Result<> TraceInstance::open_pipes()
{
    const auto names = root_.list(directory_ + "/per_cpu");
    if (!names)
        return propagate(names);
    for (const std::string &name : *names) {
        const auto path = root_.resolve(directory_ + "/per_cpu/" + name + "/trace_pipe_raw");
        const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
            return fail(os_error("read", path.string(), errno));
        pipes_.push_back(fd);
        cpu_names_.push_back(name);
    }
    return {};
}

Result<> TraceInstance::start()
{
    return put("events/sluice/enable", "1");
}

Result<> TraceInstance::stop()
{
    return put("events/sluice/enable", "0");
}

Result<uint64_t> TraceInstance::lost() const
{
    uint64_t sum = 0;
    for (const std::string &name : cpu_names_) {
        const auto stats = root_.read(directory_ + "/per_cpu/" + name + "/stats");
        if (!stats)
            return propagate(stats);
        // "commit overrun" has its own word in front.
        sum += number_after(*stats, "\noverrun: ") + number_after(*stats, "commit overrun: ") +
               number_after(*stats, "dropped events: ");
    }
    return sum;
}

Result<size_t> TraceInstance::read(unsigned cpu, std::span<std::byte> page)
{
    for (;;) {
        const ssize_t got = ::read(pipes_[cpu], page.data(), page.size());
        if (got >= 0)
            return static_cast<size_t>(got);
        if (errno == EAGAIN)
            return size_t{0};
        if (errno != EINTR)
            return fail(os_error("read", directory_ + "/per_cpu/" + cpu_names_[cpu], errno));
    }
}

}  // namespace sluice::trace
