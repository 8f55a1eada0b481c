// The calendar of ten years with five trains and fifty freezes: the time to make and write it as iCalendar,
// to compile its freezes, and how many times a second the compiled ones are asked.
#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/config/config.hpp"
#include "instruments/train/schedule/release_calendar.hpp"

namespace {

namespace gates = signalbox::gates;
namespace schedule = signalbox::train::schedule;
using signalbox::Json;
using signalbox::Time;
using signalbox::train::Train;

constexpr int kRounds = 15;
constexpr std::size_t kQueries = 4'000'000;
constexpr double kGoalMs = 50;
constexpr double kGoalPerSecond = 1e6;

Time at(std::string_view text) {
  return *signalbox::parse_rfc3339(text);
}
const Time kSince = at("2026-03-01T00:00:00Z");
const Time kUntil = at("2036-03-01T00:00:00Z");

gates::Freeze freeze_of(const std::string& yaml) {
  const auto node = signalbox::config::parse_yaml(yaml, "freeze.yaml");
  return gates::parse_freeze(*node,
                             [](const std::string& path) -> signalbox::Result<std::string> {
                               return signalbox::fail(signalbox::ErrorKind::not_found, path);
                             })
      .value();
}

// 20 that are once, 15 by pairs of crons (a third of them every week), 15 by rules; in four zones.
std::vector<gates::Freeze> fifty_freezes() {
  const std::vector<std::string> zones = {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"};
  std::vector<gates::Freeze> out;
  for (int i = 0; i < 20; ++i) {
    const int year = 2026 + i / 2;
    const char* const days =
        i % 2 == 0 ? "08-10T18:00:00Z|08-21T06:00:00Z" : "12-19T00:00:00Z|12-31T00:00:00Z";
    const std::string_view both = days;
    out.push_back(
        freeze_of(fmt::format("{{name: once {}, reason: nobody is there, start: '{}-{}', end: '{}-{}'}}", i,
                              year, both.substr(0, 15), year, both.substr(16))));
  }
  for (int i = 0; i < 15; ++i) {
    const std::string start =
        i % 3 == 0 ? fmt::format("0 {} * * 5", 12 + i % 8) : fmt::format("0 18 {} * *", 1 + i);
    const std::string end = i % 3 == 0 ? "0 8 * * 1" : fmt::format("0 8 {} * *", 3 + i);
    out.push_back(freeze_of(
        fmt::format("{{name: by crons {}, freeze_start: '{}', freeze_end: '{}', cron_timezone: {}}}", i,
                    start, end, zones[static_cast<std::size_t>(i) % zones.size()])));
  }
  for (int i = 0; i < 15; ++i) {
    const std::string rule = i % 2 == 0 ? fmt::format("FREQ=MONTHLY;BYDAY={}FR", i % 4 == 0 ? -1 : 1 + i % 4)
                                        : fmt::format("FREQ=YEARLY;BYMONTH={};BYDAY=2MO", 1 + i % 12);
    out.push_back(freeze_of(fmt::format(
        "{{name: by rule {}, rrule: '{}', from: '2026-01-02T18:00', duration: 2d12h, timezone: {}}}", i, rule,
        zones[static_cast<std::size_t>(i) % zones.size()])));
  }
  return out;
}

Train train_of(int number) {
  Train train;
  train.id = fmt::format("2026-{:02}", 4 + number);
  train.schedule = signalbox::train::Schedule{};
  train.schedule->planned = at(fmt::format("2026-{:02}-07T08:00:00Z", 4 + number));
  train.schedule->departs = at(fmt::format("2026-{:02}-09T08:00:00Z", 4 + number));
  train.schedule->sequence = static_cast<std::uint64_t>(number);
  train.schedule->changed = at("2026-03-01T00:00:00Z");
  return train;
}

schedule::CalendarSources sources() {
  schedule::CalendarSources out;
  out.feed = {"shop releases", "example.org"};
  const auto node = signalbox::config::parse_yaml(
      "{preset: monthly, from: 2026-03-03T10:00, timezone: Europe/Berlin}", "f");
  out.cadence = schedule::parse_cadence(*node).value();
  for (int i = 0; i < 5; ++i) out.trains.push_back(train_of(i));
  out.freezes = fifty_freezes();
  out.since = kSince;
  out.until = kUntil;
  out.now = kSince;
  out.stamp = signalbox::calendar::Instant(std::chrono::seconds(1'772'528'400));
  return out;
}

template <class Work>
double timed_ms(Work work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

// The median of the rounds; the first, which reads the zones, is left out.
template <class Work>
double median_ms(Work work) {
  std::vector<double> taken;
  for (int i = 0; i <= kRounds; ++i) {
    const double one = timed_ms(work);
    if (i > 0) taken.push_back(one);
  }
  std::sort(taken.begin(), taken.end());
  return taken[taken.size() / 2];
}

void tell(const std::string& what, double ours, const char* unit, const char* better, const Json& goal) {
  fmt::print("{}\n", Json::object({{"bench", "calendar"},
                                   {"what", what},
                                   {"ours", ours},
                                   {"unit", unit},
                                   {"better", better},
                                   {"judged", "ours"},
                                   {"floor", Json()},
                                   {"goal", goal},
                                   {"peer", Json()},
                                   {"peer_value", Json()},
                                   {"ratio", Json()},
                                   {"command", "bench/run calendar"}})
                         .dump());
}

}  // namespace

int main() {
  const schedule::CalendarSources from = sources();
  std::string ics;
  std::size_t events = 0;
  const double write_ms = median_ms([&] {
    const schedule::ReleaseCalendar calendar = schedule::make_calendar(from).value();
    events = calendar.events.size();
    ics = schedule::to_ics(calendar);
  });
  if (!ics.starts_with("BEGIN:VCALENDAR\r\n") || !ics.ends_with("END:VCALENDAR\r\n")) return 1;
  tell(fmt::format("calendar of 10 years, 5 trains, 50 freezes, {} events, made and written as .ics", events),
       write_ms, "ms", "lower", kGoalMs);

  const double compile_ms =
      median_ms([&] { gates::FreezeTable::compile(from.freezes, "", kSince, kUntil).value(); });
  tell("the same 50 freezes compiled for 10 years", compile_ms, "ms", "lower", Json());

  const gates::FreezeTable table = gates::FreezeTable::compile(from.freezes, "", kSince, kUntil).value();
  std::mt19937_64 random(7);
  std::vector<Time> times;
  std::uniform_int_distribution<std::int64_t> within(
      0, std::chrono::duration_cast<std::chrono::seconds>(kUntil - kSince).count() - 1);
  for (std::size_t i = 0; i < 65'536; ++i) times.push_back(kSince + std::chrono::seconds(within(random)));
  std::size_t frozen = 0;
  const double ask_ms = timed_ms([&] {
    for (std::size_t i = 0; i < kQueries; ++i)
      frozen += table.at(times[i % times.size()]).state == gates::FreezeTable::State::frozen ? 1 : 0;
  });
  if (frozen == 0 || frozen == kQueries) return 1;
  tell(fmt::format("freeze queries at random times of the 10 years, {:.0f} % of them frozen",
                   100.0 * static_cast<double>(frozen) / static_cast<double>(kQueries)),
       static_cast<double>(kQueries) / (ask_ms / 1000), "queries/s", "higher", kGoalPerSecond);
  return 0;
}
