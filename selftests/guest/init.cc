// SPDX-License-Identifier: GPL-2.0-or-later
// First process of every guest: puts the host's root file system under a
// writable overlay, runs one command there and tells the launcher how it ended.
//
// It is linked statically. The initial RAM disk holds nothing else but kernel
// modules, if the kernel is one of a distribution. What goes wrong here is said on the console and
// on the status port ("broken ..."), so that the launcher never has to guess.

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/job.h"

namespace {

int status_port = -1;

void write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        data += n;
        size -= static_cast<size_t>(n);
    }
}

void report(const std::string &line)
{
    if (status_port >= 0)
        write_all(status_port, (line + "\n").data(), line.size() + 1);
}

bool asked_for(const char *parameter)
{
    std::array<char, 4096> line = {};
    const int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t n = read(fd, line.data(), line.size() - 1);
    close(fd);
    return n > 0 && strstr(line.data(), parameter) != nullptr;
}

// The launcher ends the machine once it has read the status; turning the power
// off is for a launcher that is gone.
[[noreturn]] void wait_for_the_end()
{
    sync();
    if (asked_for(guest::kReboot))
        reboot(RB_AUTOBOOT);
    if (status_port >= 0)
        sleep(30);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

[[noreturn]] void broken(const std::string &what, const std::string &path)
{
    const std::string text = what + " " + path + ": " + strerror(errno);
    fprintf(stderr, "guest init: %s\n", text.c_str());
    report("broken " + text);
    wait_for_the_end();
}

void make_dir(const std::string &path)
{
    for (size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1))
        mkdir(path.substr(0, slash).c_str(), 0755);
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
        broken("make directory", path);
}

void mount_at(const char *source, const std::string &target, const char *type, unsigned long flags,
              const std::string &options)
{
    make_dir(target);
    if (mount(source, target.c_str(), type, flags, options.c_str()) != 0)
        broken(std::string("mount ") + type, target);
}

void mount_optional(const char *source, const std::string &target, const char *type)
{
    if (mount(source, target.c_str(), type, 0, "") != 0)
        fprintf(stderr, "guest init: no %s: %s\n", type, strerror(errno));
}

std::string read_file(const std::string &path)
{
    std::string text;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        broken("open", path);
    std::array<char, 4096> buffer;
    ssize_t n;
    while ((n = read(fd, buffer.data(), buffer.size())) > 0)
        text.append(buffer.data(), static_cast<size_t>(n));
    if (n < 0)
        broken("read", path);
    close(fd);
    return text;
}

void write_file(const std::string &path, const std::string &text)
{
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    write_all(fd, text.data(), text.size());
    close(fd);
}

// Names in a directory, sorted; none if there is no such directory.
std::vector<std::string> names_in(const std::string &directory)
{
    std::vector<std::string> names;
    DIR *d = opendir(directory.c_str());
    if (!d)
        return names;
    while (const dirent *entry = readdir(d))
        if (entry->d_name[0] != '.')
            names.push_back(entry->d_name);
    closedir(d);
    std::sort(names.begin(), names.end());
    return names;
}

// What our kernels have built in: a distribution's has it as modules. Their names tell the order.
void load_modules()
{
    const std::string dir = "/modules";
    for (const auto &name : names_in(dir)) {
        const std::string path = dir + "/" + name;
        const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            broken("open", path);
        if (syscall(SYS_finit_module, fd, "", 0) != 0)
            broken("load module", path);
        close(fd);
    }
}

// There is no udev to make /dev/virtio-ports/NAME, so look the name up.
std::string port_device(const std::string &name)
{
    const std::string dir = "/sys/class/virtio-ports";
    for (const auto &port : names_in(dir)) {
        const std::string file = dir + "/" + port + "/name";
        if (access(file.c_str(), R_OK) == 0 && read_file(file) == name + "\n")
            return "/dev/" + port;
    }
    return "";
}

int open_port(const std::string &name, int access = O_WRONLY)
{
    // A port is told its name by the host, a moment after it is there.
    std::string device = port_device(name);
    for (int i = 0; device.empty() && i < 500; i++) {
        usleep(10'000);
        device = port_device(name);
    }
    if (device.empty()) {
        errno = ENOENT;
        broken("find port", name);
    }
    const int fd = open(device.c_str(), access | O_CLOEXEC);
    if (fd < 0)
        broken("open port", device);
    return fd;
}

bool has_kernel_parameter(const std::string &word)
{
    const std::string line = " " + read_file("/proc/cmdline");
    const size_t at = line.find(" " + word);
    return at != std::string::npos && strchr(" \n", line[at + 1 + word.size()]) != nullptr;
}

std::string kernel_parameter(const std::string &prefix)
{
    const std::string line = read_file("/proc/cmdline");
    size_t at = line.find(prefix);
    if (at == std::string::npos) {
        errno = ENOENT;
        broken("find kernel parameter", prefix);
    }
    at += prefix.size();
    return line.substr(at, line.find_first_of(" \n", at) - at);
}

// From the port that a launcher may not have opened yet.
void read_all(int fd, char *data, size_t size)
{
    while (size > 0) {
        const ssize_t n = read(fd, data, size);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            broken("read", guest::kPortWake);
        if (n <= 0) {
            usleep(10000);
            continue;
        }
        data += n;
        size -= static_cast<size_t>(n);
    }
}

// The machine is saved while it waits here. Whoever wakes it up tells the time, too: the clock has
// stood still.
std::string wait_for_job()
{
    const int fd = open_port(guest::kPortWake, O_RDONLY);
    report("ready");
    std::string head;
    for (char c = 0; c != '\n'; head += c)
        read_all(fd, &c, 1);
    char *end = nullptr;
    timespec now = {strtol(head.c_str(), &end, 10), 0};
    clock_settime(CLOCK_REALTIME, &now);
    std::string job(strtoul(end, nullptr, 10), '\0');
    read_all(fd, job.data(), job.size());
    close(fd);
    return job;
}

void mount_host_root(const std::string &root)
{
    const std::string virtio = "trans=virtio,version=9p2000.L,msize=512000,";
    mount_at("root", "/host", "9p", MS_RDONLY, virtio + "cache=loose");
    mount_at("overlay", "/rw", "tmpfs", 0, "");
    make_dir("/rw/upper");
    make_dir("/rw/work");
    mount_at("overlay", root, "overlay", 0, "lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work");
}

// A scratch directory of the guest's own, unless the command runs in there and would lose what it
// runs from. (The overlay keeps writes from the host in either case.)
void mount_scratch(const std::string &root, const std::string &directory, const std::string &cwd)
{
    if (!(cwd + "/").starts_with(directory + "/"))
        mount_at("tmpfs", root + directory, "tmpfs", 0, "");
}

void mount_guest_filesystems(const guest::Job &job, const std::string &root)
{
    mount_at("proc", root + "/proc", "proc", 0, "");
    mount_at("sysfs", root + "/sys", "sysfs", 0, "");
    mount_at("devtmpfs", root + "/dev", "devtmpfs", 0, "");
    mount_at("tmpfs", root + "/dev/shm", "tmpfs", 0, "");
    mount_scratch(root, "/tmp", job.cwd);
    mount_scratch(root, "/run", job.cwd);
    mount_optional("debugfs", root + "/sys/kernel/debug", "debugfs");
    mount_optional("tracefs", root + "/sys/kernel/tracing", "tracefs");
}

void mount_shares(const guest::Job &job, const std::string &root)
{
    for (const auto &share : job.shares)
        mount_at(share.tag.c_str(), root + share.path, "9p", 0,
                 "trans=virtio,version=9p2000.L,msize=512000,cache=none");
}

void switch_root(const std::string &root)
{
    if (chdir(root.c_str()) != 0 || mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 ||
        chroot(".") != 0 || chdir("/") != 0)
        broken("switch root to", root);
}

// Emulation is slow enough for perf to throttle itself: keep it from doing so.
void set_defaults()
{
    write_file("/proc/sys/kernel/perf_cpu_time_max_percent", "0");
    write_file("/proc/sys/kernel/perf_event_paranoid", "-1");
}

// Servers under test listen on 127.0.0.1.
void bring_loopback_up()
{
    ifreq request = {};
    strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        fprintf(stderr, "guest init: no loopback: %s\n", strerror(errno));
    close(fd);
}

void block_child_signal(bool block)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, nullptr);
}

[[noreturn]] void run_command(const guest::Job &job, int out, int err)
{
    setsid();
    signal(SIGCHLD, SIG_DFL);
    block_child_signal(false);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    for (const auto &e : job.env)
        putenv(const_cast<char *>(e.c_str()));
    if (chdir(job.cwd.c_str()) != 0) {
        fprintf(stderr, "guest init: cannot enter %s: %s\n", job.cwd.c_str(), strerror(errno));
        _exit(126);
    }
    std::vector<char *> argv;
    for (const auto &a : job.argv)
        argv.push_back(const_cast<char *>(a.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    fprintf(stderr, "guest init: cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

// Copies what is there; false once the other end is closed.
bool pump(int from, int to)
{
    std::array<char, 16384> buffer;
    const ssize_t n = read(from, buffer.data(), buffer.size());
    if (n > 0)
        write_all(to, buffer.data(), static_cast<size_t>(n));
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

struct Stream {
    int from;
    int to;
    bool open = true;
};

// Waits for output or for a child to end (SIGCHLD is let in only here).
void pump_streams(std::array<Stream, 2> &streams)
{
    std::array<pollfd, 2> fds;
    for (size_t i = 0; i < fds.size(); i++)
        fds[i] = {streams[i].open ? streams[i].from : -1, POLLIN, 0};
    sigset_t none;
    sigemptyset(&none);
    if (ppoll(fds.data(), fds.size(), nullptr, &none) <= 0)
        return;
    for (size_t i = 0; i < fds.size(); i++)
        if (fds[i].revents)
            streams[i].open = pump(streams[i].from, streams[i].to);
}

// Takes in every process that ended (they are all ours: we are number 1).
bool command_ended(pid_t command, int &status)
{
    int s;
    pid_t pid;
    bool ended = false;
    while ((pid = waitpid(-1, &s, WNOHANG)) > 0) {
        if (pid == command) {
            status = s;
            ended = true;
        }
    }
    return ended;
}

int supervise(pid_t command, std::array<Stream, 2> &streams)
{
    int status = 0;
    while (!command_ended(command, status))
        pump_streams(streams);
    // A daemon left behind may hold the pipes open for ever: take what is there now.
    for (auto &s : streams) {
        fcntl(s.from, F_SETFL, O_NONBLOCK);
        pollfd fd = {s.from, POLLIN, 0};
        while (s.open && poll(&fd, 1, 0) > 0)
            s.open = pump(s.from, s.to);
    }
    return status;
}

// What kmemleak finds goes to the console, where the launcher looks for complaints.
void look_for_leaks()
{
    const char *leaks = "/sys/kernel/debug/kmemleak";
    if (!asked_for(guest::kLookForLeaks) || access(leaks, W_OK) != 0)
        return;
    // An object counts as a leak once it is five seconds old and two scans agree.
    sleep(6);
    write_file(leaks, "scan");
    write_file(leaks, "scan");
    fputs(read_file(leaks).substr(0, 4000).c_str(), stderr);
}

void run_job(guest::Job &job)
{
    for (const auto &[variable, name] : {std::pair{guest::kResultsEnv, guest::kPortResults},
                                         std::pair{guest::kHostEnv, guest::kPortHost}})
        if (const std::string port = port_device(name); !port.empty())
            job.env.push_back(std::string(variable) + "=" + port);

    int out[2], err[2];
    if (pipe(out) != 0 || pipe(err) != 0)
        broken("make", "pipe");
    for (int fd : {out[0], err[0]})
        fcntl(fd, F_SETFD, FD_CLOEXEC);

    std::array<Stream, 2> streams = {Stream{out[0], open_port(guest::kPortStdout)},
                                     Stream{err[0], open_port(guest::kPortStderr)}};
    signal(SIGCHLD, [](int) {});
    block_child_signal(true);
    report("booted");
    const pid_t command = fork();
    if (command < 0)
        broken("fork", job.argv[0]);
    if (command == 0)
        run_command(job, out[1], err[1]);
    close(out[1]);
    close(err[1]);

    const int status = supervise(command, streams);
    look_for_leaks();
    if (WIFSIGNALED(status))
        report("signal " + std::to_string(WTERMSIG(status)));
    else
        report("exit " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace

int main()
{
    mount_at("devtmpfs", "/dev", "devtmpfs", 0, "");
    mount_at("proc", "/proc", "proc", 0, "");
    mount_at("sysfs", "/sys", "sysfs", 0, "");
    status_port = open_port(guest::kPortStatus);
    load_modules();

    const std::string root = "/newroot";
    const bool saved = has_kernel_parameter(guest::kWaitParameter);
    std::string text = saved ? wait_for_job() : "";
    mount_host_root(root);
    guest::Job job;
    const std::string job_path = saved ? "" : "/host" + kernel_parameter(guest::kJobParameter);
    if (!guest::decode(saved ? text : read_file(job_path), job)) {
        errno = EINVAL;
        broken("understand job", job_path);
    }
    mount_guest_filesystems(job, root);
    mount_shares(job, root);
    switch_root(root);
    set_defaults();
    bring_loopback_up();
    run_job(job);
    wait_for_the_end();
}
