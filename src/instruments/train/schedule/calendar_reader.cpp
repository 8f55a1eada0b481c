#include "instruments/train/schedule/calendar_reader.hpp"

#include <charconv>

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/schedule/time_text.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr std::chrono::days kYear{366};
constexpr std::chrono::days kLongest{20 * 366};

Feed complete(Feed feed, const std::string& workspace) {
  if (feed.name.empty()) feed.name = workspace + " releases";
  if (feed.domain.empty()) {
    for (const char c : to_lower(workspace)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      feed.domain += plain ? c : '-';
    }
    feed.domain += ".signalbox";
  }
  return feed;
}

// When the configuration became what it is: no earlier than its newest commit.
calendar::Instant stamp_of(const Workspace& workspace) {
  const auto said = git::run_git(workspace.root, {"log", "-1", "--format=%ct", "HEAD", "--"});
  std::int64_t seconds = 0;
  if (said) {
    const std::string_view text = trim(said->output);
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  return calendar::Instant(std::chrono::seconds(seconds));
}

}  // namespace

Result<ReleaseCalendar> read_calendar(const Workspace& workspace, const evidence::Ledger* ledger,
                                      const CalendarQuery& query, Time now) {
  SIGNALBOX_TRY(const Policy own, parse_own_policy(workspace));
  CalendarSources sources;
  sources.now = now;
  sources.cadence = own.cadence;
  sources.feed = complete(own.feed, workspace.name);
  sources.freezes = own.freezes;
  sources.rules = own.boarding;
  sources.since = std::chrono::floor<std::chrono::days>(now) - kYear;
  sources.until = std::chrono::floor<std::chrono::days>(now) + kYear;
  if (!query.since.empty()) {
    SIGNALBOX_TRY(sources.since, parse_time_text(query.since, now, own.cadence.zone));
  }
  if (!query.until.empty()) {
    SIGNALBOX_TRY(sources.until, parse_time_text(query.until, now, own.cadence.zone));
  }
  if (sources.until <= sources.since || sources.until - sources.since > kLongest)
    return fail(ErrorKind::bad_input, "since is before until, by at most twenty years",
                "--since 2026-01-01 --until 2027-01-01");
  if (ledger != nullptr) {
    SIGNALBOX_TRY(const Desk desk, open_desk(workspace, ledger, {}, now));
    sources.trains = desk.trains;
    sources.rules = desk.policy.boarding;
  }
  sources.stamp = stamp_of(workspace);
  return make_calendar(sources);
}

}  // namespace signalbox::train::schedule
