#include "instruments/queries/server/backend_watch.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::milliseconds kBetweenSamples{10};

}  // namespace

Result<std::unique_ptr<BackendWatch>> BackendWatch::start(std::string_view dsn, std::int64_t pid) {
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn));
  return std::unique_ptr<BackendWatch>(new BackendWatch(std::move(link), pid));
}

BackendWatch::BackendWatch(ServerLink link, std::int64_t pid) : link_(std::move(link)), pid_(pid) {
  // A process of that number that is no session of PostgreSQL is in another container.
  const auto title = read_file(fmt::format("/proc/{}/cmdline", pid));
  is_local_ = is_of_this_machine(link_.identity()) && title && title->find("postgres") != std::string::npos;
  before_ = scheduled();
  thread_ = std::thread([this] { look(); });
}

BackendWatch::~BackendWatch() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
}

void BackendWatch::look() {
  while (!stopped_) {
    const auto rows = link_.query(
        "select case when a.wait_event_type = 'Lock' then 1 else 0 end, coalesce(b.pid, 0)::bigint, "
        "coalesce(b.state, '')::text from pg_stat_activity a left join pg_stat_activity b on "
        "a.wait_event_type = "
        "'Lock' and b.pid = any (pg_blocking_pids(a.pid)) where a.pid = ? limit 1",
        {pid_});
    if (rows && !rows->empty()) {
      const store::Row& row = rows->front();
      ++seen_.samples;
      seen_.on_lock += row.integer(0);
      if (row.integer(1) != 0) seen_.blocker = fmt::format("pid {}, {}", row.integer(1), row.text(2));
    }
    std::this_thread::sleep_for(kBetweenSamples);
  }
}

BackendObservation BackendWatch::stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
  const auto after = scheduled();
  if (before_ && after) {
    seen_.ran_ms = after->ran_ms - before_->ran_ms;
    seen_.queued_ms = after->queued_ms - before_->queued_ms;
  }
  return seen_;
}

std::optional<BackendWatch::Scheduled> BackendWatch::scheduled() const {
  if (!is_local_) return std::nullopt;
  const auto text = read_file(fmt::format("/proc/{}/schedstat", pid_));
  unsigned long long ran_ns = 0, queued_ns = 0;
  if (!text || std::sscanf(text->c_str(), "%llu %llu", &ran_ns, &queued_ns) != 2) return std::nullopt;
  return Scheduled{static_cast<double>(ran_ns) / 1e6, static_cast<double>(queued_ns) / 1e6};
}

}  // namespace signalbox::queries
