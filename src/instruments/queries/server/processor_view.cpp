#include "instruments/queries/server/processor_view.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxFollowed = 4'096;
constexpr std::size_t kMaxProcBytes = 64 << 10;
constexpr double kSameStart_s = 5;  // a fork and the server's own reading of the clock are not one moment
constexpr std::size_t kStartField = 22;

std::optional<std::string> read_proc(const std::filesystem::path& path) {
  auto text = read_file(path, kMaxProcBytes);
  return text ? std::optional(*std::move(text)) : std::nullopt;
}

// Of a process' stat, from behind its name on, which may have spaces and brackets in it: the third field is
// the second here.
std::vector<std::string_view> fields_of(std::string_view stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return {};
  return split(stat.substr(name_end + 1), ' ');
}

bool is_runnable(const std::filesystem::path& proc, std::int64_t pid) {
  const auto stat = read_proc(proc / std::to_string(pid) / "stat");
  if (!stat) return false;
  const auto fields = fields_of(*stat);
  return fields.size() > 1 && fields[1] == "R";
}

// When a process began, in seconds since 1970 (proc(5): field 22 of stat, and btime).
std::optional<double> began_s(const std::filesystem::path& proc, std::int64_t pid) {
  const auto stat = read_proc(proc / std::to_string(pid) / "stat");
  const auto machine = read_proc(proc / "stat");
  if (!stat || !machine) return std::nullopt;
  const auto fields = fields_of(*stat);
  const std::size_t btime = machine->find("\nbtime ");
  if (fields.size() < kStartField - 1 || btime == std::string::npos) return std::nullopt;
  const auto ticks = parse_integer(fields[kStartField - 2]);
  const double booted = std::strtod(machine->c_str() + btime + 7, nullptr);
  if (!ticks || booted <= 0) return std::nullopt;
  return booted + static_cast<double>(*ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::optional<Scheduled> read_scheduled(const std::filesystem::path& proc, std::int64_t pid) {
  const auto text = read_proc(proc / std::to_string(pid) / "schedstat");
  unsigned long long ran = 0, queued = 0;
  if (!text || std::sscanf(text->c_str(), "%llu %llu", &ran, &queued) != 2) return std::nullopt;
  return Scheduled{ran, queued};
}

Result<std::string> why_not_here(ServerLink& link, const std::filesystem::path& proc) {
  SIGNALBOX_TRY(const auto rows,
                link.query("select pid::bigint, extract(epoch from backend_start)::float8 from "
                           "pg_stat_activity where pid = pg_backend_pid()"));
  if (rows.empty()) return "the server does not tell the number of its process";
  const std::int64_t pid = rows.front().integer(0);
  const auto title = read_proc(proc / std::to_string(pid) / "cmdline");
  const auto began = began_s(proc, pid);
  const bool is_it = title && title->find("postgres") != std::string::npos && began &&
                     std::abs(*began - rows.front().real(1)) <= kSameStart_s;
  if (!is_it) return "the server's processes are not among those of this machine";
  const auto scheduled = read_scheduled(proc, pid);
  if (!scheduled) return "/proc/PID/schedstat of the server's processes cannot be read";
  if (scheduled->ran_ns == 0) return "this kernel does not count in /proc/PID/schedstat";
  return std::string();
}

Result<ProcessorView> ProcessorView::open(ServerLink& link, std::filesystem::path proc) {
  ProcessorView out;
  SIGNALBOX_TRY(out.why_not_, why_not_here(link, proc));
  out.proc_ = std::move(proc);
  if (out.why_not_.empty()) out.cores_ = static_cast<int>(std::thread::hardware_concurrency());
  return out;
}

void ProcessorView::look(SessionReading& reading) {
  if (!why_not_.empty()) return;
  const Clock::time_point now = Clock::now();
  const double since_looked = looked_ ? std::chrono::duration<double>(now - *looked_).count() : 0;
  looked_ = now;
  follow(reading, since_looked);
  for (SessionSample& each : reading.sessions) {
    if (!each.is_active() || each.wait_type != kOnCpu) continue;
    const auto found = followed_.find(each.pid);
    if (found == followed_.end() || !found->second.since) continue;
    const Scheduled& since = *found->second.since;
    const std::uint64_t all = since.ran_ns + since.queued_ns;
    if (all > 0) {
      each.queued = static_cast<double>(since.queued_ns) / static_cast<double>(all);
    } else if (is_runnable(proc_, each.pid)) {
      each.queued = 1;  // the kernel adds a wait once it has ended
    }
  }
}

// All that were ever seen at work are read each time, so that what they did is that of one interval.
void ProcessorView::follow(const SessionReading& reading, double seconds) {
  for (auto each = followed_.begin(); each != followed_.end();) {
    const auto now = read_scheduled(proc_, each->first);
    if (!now) {
      each = followed_.erase(each);
      continue;
    }
    Followed& followed = each->second;
    const bool another = now->ran_ns < followed.last.ran_ns || now->queued_ns < followed.last.queued_ns;
    const Scheduled before = another ? Scheduled{} : followed.last;
    followed.since = Scheduled{now->ran_ns - before.ran_ns, now->queued_ns - before.queued_ns};
    followed.last = *now;
    ++each;
  }
  for (const SessionSample& each : reading.sessions) {
    if (!each.is_active() || followed_.contains(each.pid) || followed_.size() >= kMaxFollowed) continue;
    const auto now = read_scheduled(proc_, each.pid);
    if (!now) continue;
    followed_[each.pid] = {*now, each.connected_s <= seconds ? now : std::nullopt};
  }
}

}  // namespace signalbox::queries
