#include "instruments/queries/logs/executions.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/logs/scanning.hpp"

namespace signalbox::queries {
namespace {

constexpr std::string_view kDuration = "duration: ";
constexpr std::string_view kMilliseconds = " ms";

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The name of a prepared statement and its portal ends with ": ".
std::string_view after_name(std::string_view text) {
  const std::size_t colon = text.find(": ");
  return colon == std::string_view::npos ? std::string_view() : text.substr(colon + 2);
}

// Its first word, past white space and comments.
std::string_view first_word(std::string_view text) {
  while (true) {
    text = text.substr(std::min(text.find_first_not_of(" \t\r\n("), text.size()));
    if (text.starts_with("--")) {
      text = text.substr(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("/*")) {
      const std::size_t end = text.find("*/");
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    } else {
      break;
    }
  }
  return text.substr(0, std::min(text.find_first_of(" \t\r\n;("), text.size()));
}

bool is_word(std::string_view text, std::string_view word) {
  return text.size() == word.size() && starts_with_ignoring_case(text, word);
}

// pg_stat_statements has no row for these (PGSS_HANDLED_UTILITY of pg_stat_statements.c).
bool is_counted(std::string_view text) {
  const std::string_view word = first_word(text);
  return !is_word(word, "prepare") && !is_word(word, "deallocate");
}

// Whether the inside of a JSON string stands for itself: ASCII, without escapes or control characters.
bool is_plain_json(std::string_view text) {
  bool out = true;  // of all octets, which is faster than of those up to the first
  for (const char c : text) out &= c >= ' ' && c < 0x7f && c != '\\';
  return out;
}

// The string that `text` begins with; empty where it begins with none.
std::string_view json_string_at(std::string_view text, std::string& buffer) {
  if (!text.starts_with('"')) return {};
  const char* const begin = text.data() + 1;
  const char* const stop = text.data() + text.size();
  const char* at = find_any<'"', '\\'>(begin, stop);
  while (at < stop && *at != '"') at += *at == '\\' ? 2 : 1;
  if (at >= stop) return {};
  const std::string_view quoted(begin, static_cast<std::size_t>(at - begin));
  // Most are plain; what else there may be is for a reader of JSON.
  if (is_plain_json(quoted)) return quoted;
  const auto value = parse_json({text.data(), quoted.size() + 2}, {LogReader::kMaxRecordBytes, 4, false});
  if (!value) return {};
  buffer = value->as_string();
  return buffer;
}

// Those that escape_xml of the server writes.
std::string without_xml_escapes(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&#x0d;", '\r'}};
  std::string out;
  while (!text.empty()) {
    const std::size_t amp = std::min(text.find('&'), text.size());
    out += text.substr(0, amp);
    text.remove_prefix(amp);
    const auto* const found = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                           [&](const auto& each) { return text.starts_with(each.first); });
    const bool is_escape = found != std::end(kEscapes);
    if (!text.empty()) out += is_escape ? found->second : text.front();
    text.remove_prefix(std::min(is_escape ? found->first.size() : 1, text.size()));
  }
  return out;
}

}  // namespace

std::string_view prepared_statement(std::string_view text) {
  if (!is_word(first_word(text), "prepare")) return text;
  // PREPARE name [(types)] AS: types have no AS of their own.
  for (std::size_t at = 0; at + 4 <= text.size(); ++at) {
    const bool space_before =
        at > 0 && std::string_view(" \t\r\n)").find(text[at - 1]) != std::string_view::npos;
    const bool space_after = std::string_view(" \t\r\n").find(text[at + 2]) != std::string_view::npos;
    if (space_before && space_after && starts_with_ignoring_case(text.substr(at, 2), "as"))
      return trim(text.substr(at + 3));
  }
  return text;
}

std::string_view query_text_of(std::string_view plan, std::string& buffer) {
  constexpr std::string_view kTextKey = "Query Text: ";  // of YAML too, which puts it in quotes
  constexpr std::string_view kJsonKey = "\"Query Text\": ";
  constexpr std::string_view kXmlKey = "<Query-Text>";
  const std::string_view head = plan.substr(0, 256);
  if (plan.starts_with(kTextKey)) {
    const std::string_view rest = plan.substr(kTextKey.size());
    if (rest.starts_with('"')) return json_string_at(rest, buffer);
    // The plan's first line has its costs.
    const std::size_t costs = rest.find("(cost=");
    const std::size_t line = costs == std::string_view::npos ? costs : rest.rfind('\n', costs);
    return trim(rest.substr(0, line));
  }
  if (const std::size_t key = head.find(kJsonKey); key != std::string_view::npos)
    return json_string_at(plan.substr(key + kJsonKey.size()), buffer);
  if (const std::size_t key = head.find(kXmlKey); key != std::string_view::npos) {
    const std::string_view rest = plan.substr(key + kXmlKey.size());
    const std::size_t end = rest.find('<');
    if (end == std::string_view::npos) return {};
    buffer = without_xml_escapes(rest.substr(0, end));
    return buffer;
  }
  return {};
}

void Executions::Session::add(const Executed& each) {
  if (without_plan_count == kMaxWithoutPlan) {
    std::move(std::next(without_plan.begin()), without_plan.end(), without_plan.begin());
    --without_plan_count;
  }
  without_plan[without_plan_count++] = each;
}

std::optional<Executions::Session::Executed> Executions::Session::take(std::size_t text, double duration_ms) {
  for (std::size_t i = without_plan_count; i-- > 0;) {
    const Executed out = without_plan[i];
    if (out.text != text || out.duration_ms < duration_ms) continue;
    std::move(without_plan.begin() + static_cast<std::ptrdiff_t>(i) + 1,
              without_plan.begin() + static_cast<std::ptrdiff_t>(without_plan_count),
              without_plan.begin() + static_cast<std::ptrdiff_t>(i));
    --without_plan_count;
    return out;
  }
  return std::nullopt;
}

Executions::Session& Executions::session_of(const LogRecord& record) {
  if (sessions_.size() >= kMaxSessions) finish();
  const auto found = sessions_.find(record.session);
  return found != sessions_.end() ? found->second : sessions_[std::string(record.session)];
}

void Executions::record(const LogRecord& record) {
  const bool error = record.severity == "ERROR" || record.severity == "FATAL" || record.severity == "PANIC";
  // A prefix without %e tells no SQLSTATE.
  if (error && (record.sqlstate == "40P01" || record.message == "deadlock detected")) ++counts_.deadlocks;
  std::string_view message = record.message;
  if (take(message, kDuration)) return duration(record, message);
  if (message.starts_with("disconnection: ")) {
    const auto found = sessions_.find(record.session);
    if (found == sessions_.end()) return;
    tell_waiting(found->second);
    sessions_.erase(found);
    return;
  }
  if (error) {
    ++counts_.errors;
    // A statement that failed has no duration.
    if (const auto found = sessions_.find(record.session); found != sessions_.end())
      found->second.statement.clear();
    return;
  }
  const bool sent = take(message, "statement: ");
  if (!sent && !take(message, "execute ")) return;
  const bool further = !sent && message.starts_with("fetch from ");
  if (!sent) message = after_name(message);
  Session& session = session_of(record);
  tell_waiting(session);
  std::string_view prepared = record.detail;
  session.statement = take(prepared, "prepare: ") ? prepared_statement(prepared) : message;
  session.statement_sent = sent ? Sent::text : Sent::parameters;
  session.statement_counts = !further && is_counted(message);
}

void Executions::duration(const LogRecord& record, std::string_view rest) {
  double milliseconds = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), milliseconds);
  if (error != std::errc() || milliseconds < 0) return;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (!take(rest, kMilliseconds)) return;
  if (take(rest, "  plan:\n")) return plan(record, milliseconds, rest);
  Session& session = session_of(record);
  if (take(rest, "  statement: ")) {
    std::string_view prepared = record.detail;
    if (take(prepared, "prepare: "))
      return executed(record, session, milliseconds, prepared_statement(prepared), Sent::text);
    if (is_counted(rest)) return executed(record, session, milliseconds, rest, Sent::text);
  } else if (take(rest, "  execute ")) {
    if (!rest.starts_with("fetch from "))
      return executed(record, session, milliseconds, after_name(rest), Sent::parameters);
  } else if (rest.empty()) {
    if (session.statement.empty()) {
      ++counts_.without_text;
      return;
    }
    const std::string text = std::move(session.statement);
    session.statement.clear();
    if (session.statement_counts)
      return executed(record, session, milliseconds, text, session.statement_sent);
  }
}

void Executions::executed(const LogRecord& record, Session& session, double duration_ms,
                          std::string_view text, Sent sent) {
  bool had_plan = session.plan_waits;
  if (had_plan) {
    // Of the same execution where it is the same statement and took no longer. What is closed late comes
    // under the id of the statement after it, and a log may have no ids.
    const bool has_id = record.query_id != 0 && !session.told;
    had_plan = session.plan_id == record.query_id && session.plan_ms <= duration_ms &&
               (has_id || trim(text) == trim(prepared_statement(session.plan_text)));
    if (!had_plan) tell_waiting(session);
    if (session.told) session.add(*std::exchange(session.told, std::nullopt));
    session.plan_waits = false;
  }
  ++counts_.executions;
  visitor_.execution({record.at, duration_ms, record.query_id, record.user, record.database, text, false});
  if (had_plan || sent == Sent::text) return;
  session.add({std::hash<std::string_view>()(trim(text)), duration_ms, record.query_id});
}

void Executions::plan(const LogRecord& record, double duration_ms, std::string_view text) {
  ++counts_.plans;
  LoggedPlan plan{record.at,       record.offset, duration_ms, record.query_id, !record.context.empty(),
                  record.database, text};
  if (plan.nested) return visitor_.plan(plan);
  Session& session = session_of(record);
  std::string buffer;
  const std::string_view query = trim(query_text_of(text, buffer));
  const std::size_t hash = std::hash<std::string_view>()(query);
  if (const auto executed = session.take(hash, duration_ms)) {
    plan.query_id = executed->query_id;
    return visitor_.plan(plan);
  }
  tell_waiting(session);
  // A portal is closed after its execution was told, which may take longer than that did, as further fetches
  // do: unless an execution of the same statement follows, the plan is that of the last.
  session.told = session.take(hash, 0);
  if (session.told) plan.query_id = session.told->query_id;
  visitor_.plan(plan);
  session.plan_waits = true;
  session.plan_ms = duration_ms;
  session.plan_id = record.query_id;
  session.plan_at = record.at;
  session.plan_user = record.user;
  session.plan_database = record.database;
  session.plan_text = query;
}

void Executions::tell_waiting(Session& session) {
  if (!session.plan_waits) return;
  session.plan_waits = false;
  if (std::exchange(session.told, std::nullopt)) return;
  ++counts_.executions;
  visitor_.execution({session.plan_at, session.plan_ms, session.plan_id, session.plan_user,
                      session.plan_database, prepared_statement(session.plan_text), true});
}

void Executions::finish() {
  for (auto& [name, session] : sessions_) tell_waiting(session);
  sessions_.clear();
}

}  // namespace signalbox::queries
