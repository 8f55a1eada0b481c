#include "instruments/queries/logs/lock_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kShownLockRows = 20;
constexpr std::size_t kShownLockSql = 100;
constexpr std::size_t kMaxLockData = 1'000;  // events in the data

std::string shown_lock_sql(std::string_view sql) {
  if (sql.empty()) return "a statement that the log does not have";
  std::string out;
  for (const char c : sql.substr(0, 4 * kShownLockSql)) out += c == '\n' || c == '\t' ? ' ' : c;
  return cut_to_width(printable(escape_invalid_utf8(out)), kShownLockSql);
}

// "ShareLock on transaction 731" → "ShareLock on transaction": numbers of rows and transactions are those of
// one moment, numbers of relations are not.
std::string kind_of_lock(std::string_view lock) {
  std::string out(lock);
  for (const std::string_view each :
       {" on transaction ", " on virtual transaction ", " on speculative token "}) {
    if (const std::size_t at = out.find(each); at != std::string::npos) out.resize(at + each.size() - 1);
  }
  constexpr std::string_view kTuple = " on tuple ";
  if (const std::size_t at = out.find(kTuple); at != std::string::npos) {
    const std::size_t end = out.find(") ", at);
    if (end != std::string::npos) out.erase(at + kTuple.size() - 1, end + 1 - (at + kTuple.size() - 1));
  }
  return printable(escape_invalid_utf8(out));
}

std::string words_of_circle(const Deadlock& deadlock) {
  std::string out;
  for (const DeadlockParty& each : deadlock.parties) {
    out += fmt::format("{}{} waits for {} of the next: {}", out.empty() ? "" : "; ", each.pid,
                       kind_of_lock(each.lock), shown_lock_sql(each.statement));
  }
  return out;
}

void add_deadlock_table(const std::vector<Deadlock>& deadlocks, Report& report) {
  struct Kind {
    std::size_t count = 0;
    const Deadlock* last = nullptr;
  };
  std::map<std::string, Kind> kinds;
  for (const Deadlock& each : deadlocks) {
    Kind& kind = kinds[circle_of(each)];
    ++kind.count;
    kind.last = &each;
  }
  std::vector<const Kind*> sorted;
  for (const auto& [name, kind] : kinds) sorted.push_back(&kind);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->count > b->count; });
  Table table;
  table.title = "Deadlocks, the last of each kind";
  table.columns = {
      {"at"}, {"times", Column::Align::right}, {"pid", Column::Align::right}, {"waits for"}, {"statement"}};
  for (std::size_t i = 0; i < std::min(kShownLockRows, sorted.size()); ++i) {
    const Deadlock& last = *sorted[i]->last;
    bool is_first = true;
    for (const DeadlockParty& each : last.parties) {
      table.rows.push_back({is_first ? to_rfc3339(last.at) : "",
                            is_first ? std::to_string(sorted[i]->count) : "",
                            std::to_string(each.pid) + (each.pid == last.victim ? " ended" : ""),
                            printable(escape_invalid_utf8(each.lock)), shown_lock_sql(each.statement)});
      is_first = false;
    }
    if (last.parties.empty())
      table.rows.push_back({to_rfc3339(last.at), std::to_string(sorted[i]->count),
                            std::to_string(last.victim), "", "the log does not tell who was in it"});
    report.findings.push_back(
        {"queries/deadlock", Severity::warning,
         fmt::format("{} of {}: {}", counted(sorted[i]->count, "deadlock"),
                     last.database.empty() ? "the server" : printable(escape_invalid_utf8(last.database)),
                     last.parties.empty() ? "who was in it the log does not tell" : words_of_circle(last)),
         std::nullopt,
         "let each transaction lock the same rows in the same order (SELECT … ORDER BY key FOR UPDATE before "
         "it "
         "changes several), or try again what was ended"});
  }
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
}

void add_lock_waits(const std::vector<LockWait>& waits, Report& report) {
  struct Sum {
    std::size_t count = 0;
    double total_ms = 0;
    const LockWait* longest = nullptr;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const LockWait& each : waits) {
    Sum& sum = sums[{each.fingerprint, kind_of_lock(each.lock)}];
    ++sum.count;
    sum.total_ms += each.waited_ms;
    if (sum.longest == nullptr || each.waited_ms > sum.longest->waited_ms) sum.longest = &each;
  }
  std::vector<std::pair<std::string, Sum>> sorted;
  for (const auto& [key, sum] : sums) sorted.emplace_back(key.second, sum);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.total_ms > b.second.total_ms; });
  Table table;
  table.title = "Waits for locks: what was held at least so long";
  table.columns = {{"lock"},
                   {"waits", Column::Align::right},
                   {"longest", Column::Align::right},
                   {"in all", Column::Align::right},
                   {"held by"},
                   {"ended"},
                   {"statement that waited"}};
  for (std::size_t i = 0; i < std::min(kShownLockRows, sorted.size()); ++i) {
    const auto& [lock, sum] = sorted[i];
    table.rows.push_back({lock, std::to_string(sum.count), text_of_ms(sum.longest->waited_ms),
                          text_of_ms(sum.total_ms), fmt::format("{}", fmt::join(sum.longest->holders, ", ")),
                          std::string(name_of(sum.longest->end)), shown_lock_sql(sum.longest->statement)});
  }
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
}

}  // namespace

std::string circle_of(const Deadlock& deadlock) {
  std::vector<std::string> names;
  for (const DeadlockParty& each : deadlock.parties)
    names.push_back(each.fingerprint + "/" + kind_of_lock(each.lock));
  std::vector<std::string> best = names;
  for (std::size_t i = 1; i < names.size(); ++i) {
    std::rotate(names.begin(), names.begin() + 1, names.end());
    best = std::min(best, names);
  }
  return join(best, " ");
}

void add_lock_events(const LockEvents& events, Report& report) {
  add_deadlock_table(events.deadlocks, report);
  add_lock_waits(events.waits, report);
  Json deadlocks = Json::array(), waits = Json::array();
  for (std::size_t i = 0; i < std::min(kMaxLockData, events.deadlocks.size()); ++i)
    deadlocks.push_back(to_json(events.deadlocks[i]));
  for (std::size_t i = 0; i < std::min(kMaxLockData, events.waits.size()); ++i)
    waits.push_back(to_json(events.waits[i]));
  report.data.set("lock_deadlocks", std::move(deadlocks));
  report.data.set("lock_waits", std::move(waits));
  if (events.left_out > 0)
    report.facts.push_back(
        {"events of locks that were left out", static_cast<std::int64_t>(events.left_out), ""});
}

}  // namespace signalbox::queries
