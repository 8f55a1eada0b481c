#include "instruments/queries/logs/lock_log.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"
#include "instruments/queries/sql/fingerprint.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxParties = 1'000;
constexpr std::size_t kMaxHolders = 100;

bool skip_words(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

template <class Number>
bool skip_number(std::string_view& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string_view first_line(std::string_view& text) {
  const std::size_t newline = text.find('\n');
  const std::string_view out = text.substr(0, newline);
  text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  return out;
}

// "Process 12 waits for ShareLock on transaction 7; blocked by process 13."
std::optional<DeadlockParty> read_wait(std::string_view line) {
  constexpr std::string_view kBlocked = "; blocked by process ";
  DeadlockParty out;
  if (!skip_words(line, "Process ") || !skip_number(line, out.pid) || !skip_words(line, " waits for "))
    return std::nullopt;
  const std::size_t blocked = line.rfind(kBlocked);
  if (blocked == std::string_view::npos) return std::nullopt;
  out.lock = line.substr(0, blocked);
  line.remove_prefix(blocked + kBlocked.size());
  if (!skip_number(line, out.blocked_by) || line != ".") return std::nullopt;
  return out;
}

bool begins_statement(std::string_view text, std::int64_t pid) {
  std::int64_t number = 0;
  return skip_words(text, "Process ") && skip_number(text, number) && number == pid && text.starts_with(": ");
}

void set_statement(DeadlockParty& party, std::string_view text) {
  text = trim(text);
  if (text.empty() || text.starts_with('<')) return;  // "<backend information not available>"
  StatementText read = read_statement(text);
  party.statement = std::move(read.text);
  party.fingerprint = std::move(read.fingerprint);
}

// "Process holding the lock: 12. Wait queue: 13, 14."
std::vector<std::int64_t> holders_of(std::string_view detail) {
  std::vector<std::int64_t> out;
  if (!skip_words(detail, "Process holding the lock: ") &&
      !skip_words(detail, "Processes holding the lock: "))
    return out;
  std::int64_t pid = 0;
  while (out.size() < kMaxHolders && skip_number(detail, pid)) {
    out.push_back(pid);
    if (!skip_words(detail, ", ")) break;
  }
  return out;
}

}  // namespace

std::optional<std::vector<DeadlockParty>> read_deadlock_detail(std::string_view detail) {
  std::vector<DeadlockParty> out;
  while (out.size() < kMaxParties) {
    std::string_view rest = detail;
    auto party = read_wait(first_line(rest));
    if (!party) break;
    out.push_back(std::move(*party));
    detail = rest;
  }
  if (out.empty()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i].blocked_by != out[(i + 1) % out.size()].pid) return std::nullopt;
  }
  // A statement may have lines of its own that look like another's beginning: they come in the order above.
  for (std::size_t i = 0; i < out.size() && begins_statement(detail, out[i].pid); ++i) {
    std::string_view text = detail.substr(detail.find(": ") + 2);
    std::size_t end = text.size();
    if (i + 1 < out.size()) {
      std::size_t newline = text.find('\n');
      while (newline != std::string_view::npos && !begins_statement(text.substr(newline + 1), out[i + 1].pid))
        newline = text.find('\n', newline + 1);
      end = std::min(end, newline);
    }
    set_statement(out[i], text.substr(0, end));
    detail = text.substr(std::min(end + 1, text.size()));
  }
  return out;
}

void LockLog::record(const LogRecord& record) {
  std::string_view message = record.message;
  if (message == "deadlock detected" && record.severity == "ERROR") return deadlock(record);
  if (skip_words(message, "process ")) return wait(record, message);
}

void LockLog::deadlock(const LogRecord& record) {
  auto parties = read_deadlock_detail(record.detail);
  if (events_.deadlocks.size() >= kMaxLockEvents) {
    ++events_.left_out;
    return;
  }
  Deadlock out;
  out.at = record.at;
  out.victim = record.pid;
  out.database = record.database;
  out.user = record.user;
  // Its further lines have statements, with their constants.
  if (record.context.starts_with("while ")) out.context = record.context.substr(0, record.context.find('\n'));
  if (parties) out.parties = std::move(*parties);
  // Without %p the log has the number all the same: the server begins with the one that found it.
  if (out.victim == 0 && !out.parties.empty()) out.victim = out.parties.front().pid;
  events_.deadlocks.push_back(std::move(out));
}

// "12 still waiting for ShareLock on transaction 7 after 1000.123 ms"
void LockLog::wait(const LogRecord& record, std::string_view message) {
  LockWait out;
  if (!skip_number(message, out.pid)) return;
  const bool acquired = skip_words(message, " acquired ");
  const bool waits = !acquired && skip_words(message, " still waiting for ");
  const bool circle = !acquired && !waits && skip_words(message, " detected deadlock while waiting for ");
  const std::size_t after = message.rfind(" after ");
  if (!(acquired || waits || circle) || after == std::string_view::npos) return;
  out.lock = message.substr(0, after);
  std::string_view time = message.substr(after + 7);
  if (!skip_number(time, out.waited_ms) || time != " ms" || !(out.waited_ms >= 0)) return;
  out.at = record.at;
  out.database = record.database;
  out.user = record.user;
  out.holders = holders_of(record.detail);
  if (!record.statement.empty()) {
    StatementText read = read_statement(record.statement);
    out.statement = std::move(read.text);
    out.fingerprint = std::move(read.fingerprint);
  }
  const auto before = waiting_.find(out.pid);
  if (before != waiting_.end()) {
    const bool same = before->second.lock == out.lock;
    if (same && out.holders.empty()) out.holders = std::move(before->second.holders);
    if (same && out.statement.empty()) {
      out.statement = std::move(before->second.statement);
      out.fingerprint = std::move(before->second.fingerprint);
    }
    if (!same) add(std::move(before->second));
    waiting_.erase(before);
  }
  if (waits) {
    if (waiting_.size() >= kMaxWaiting) finish();
    waiting_.emplace(out.pid, std::move(out));
    return;
  }
  out.end = acquired ? LockWait::End::acquired : LockWait::End::deadlock;
  add(std::move(out));
}

void LockLog::add(LockWait wait) {
  if (events_.waits.size() >= kMaxLockEvents) {
    ++events_.left_out;
    return;
  }
  events_.waits.push_back(std::move(wait));
}

void LockLog::finish() {
  std::vector<LockWait> rest;
  for (auto& [pid, wait] : waiting_) rest.push_back(std::move(wait));
  waiting_.clear();
  std::sort(rest.begin(), rest.end(), [](const LockWait& a, const LockWait& b) {
    return std::pair(a.at, a.pid) < std::pair(b.at, b.pid);
  });
  for (LockWait& each : rest) add(std::move(each));
}

std::string_view name_of(LockWait::End end) {
  return end == LockWait::End::acquired ? "acquired" : end == LockWait::End::gone ? "no end" : "deadlock";
}

Json to_json(const Deadlock& deadlock) {
  Json parties = Json::array();
  for (const DeadlockParty& each : deadlock.parties) {
    parties.push_back(Json::object({{"pid", each.pid},
                                    {"waits_for", escape_invalid_utf8(each.lock)},
                                    {"blocked_by", each.blocked_by},
                                    {"statement", escape_invalid_utf8(each.statement)},
                                    {"fingerprint", each.fingerprint}}));
  }
  return Json::object({{"at", to_rfc3339(deadlock.at)},
                       {"victim", deadlock.victim},
                       {"database", escape_invalid_utf8(deadlock.database)},
                       {"user", escape_invalid_utf8(deadlock.user)},
                       {"context", escape_invalid_utf8(deadlock.context)},
                       {"parties", std::move(parties)}});
}

Json to_json(const LockWait& wait) {
  Json holders = Json::array();
  for (const std::int64_t each : wait.holders) holders.push_back(each);
  return Json::object({{"at", to_rfc3339(wait.at)},
                       {"pid", wait.pid},
                       {"end", name_of(wait.end)},
                       {"waited_ms", wait.waited_ms},
                       {"lock", escape_invalid_utf8(wait.lock)},
                       {"holders", std::move(holders)},
                       {"database", escape_invalid_utf8(wait.database)},
                       {"user", escape_invalid_utf8(wait.user)},
                       {"statement", escape_invalid_utf8(wait.statement)},
                       {"fingerprint", wait.fingerprint}});
}

Deadlock deadlock_from(const Json& json) {
  Deadlock out;
  out.at = parse_rfc3339(json["at"].as_string()).value_or(Time{});
  out.victim = static_cast<std::int64_t>(json["victim"].as_number());
  out.database = json["database"].as_string();
  out.user = json["user"].as_string();
  out.context = json["context"].as_string();
  for (const Json& each : json["parties"].items()) {
    out.parties.push_back({static_cast<std::int64_t>(each["pid"].as_number()),
                           static_cast<std::int64_t>(each["blocked_by"].as_number()),
                           std::string(each["waits_for"].as_string()),
                           std::string(each["statement"].as_string()),
                           std::string(each["fingerprint"].as_string())});
  }
  return out;
}

LockWait lock_wait_from(const Json& json) {
  LockWait out;
  out.at = parse_rfc3339(json["at"].as_string()).value_or(Time{});
  out.pid = static_cast<std::int64_t>(json["pid"].as_number());
  for (const auto end : {LockWait::End::acquired, LockWait::End::gone, LockWait::End::deadlock}) {
    if (json["end"].as_string() == name_of(end)) out.end = end;
  }
  out.waited_ms = json["waited_ms"].as_number();
  out.lock = json["lock"].as_string();
  for (const Json& each : json["holders"].items())
    out.holders.push_back(static_cast<std::int64_t>(each.as_number()));
  out.database = json["database"].as_string();
  out.user = json["user"].as_string();
  out.statement = json["statement"].as_string();
  out.fingerprint = json["fingerprint"].as_string();
  return out;
}

}  // namespace signalbox::queries
