#include "instruments/train/after/action.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::array<std::string_view, 3> kClasses = {"detect", "mitigate", "prevent"};
constexpr std::array<std::string_view, 3> kWhats = {"add", "change", "done"};
constexpr std::uint64_t kLatestDue = 253'402'300'799;  // 9999-12-31T23:59:59Z

Time time_of(std::uint64_t epoch_seconds) {
  return Time(std::chrono::seconds(static_cast<std::int64_t>(epoch_seconds)));
}

Time read_due(PredicateFields& fields) {
  const std::uint64_t due = fields.count("due");
  if (fields.is_good() && (due == 0 || due > kLatestDue)) fields.refuse("due", "is no time in Unix seconds");
  return time_of(std::min(due, kLatestDue));
}

ActionItem read_item(PredicateFields& fields) {
  ActionItem out;
  out.id = fields.text("id");
  const std::string named = fields.text("class");
  if (const auto action_class = action_class_from(named)) {
    out.action_class = *action_class;
  } else {
    fields.refuse("class", "is neither detect, mitigate nor prevent");
  }
  out.title = fields.text("title");
  out.owner = fields.text("owner");
  out.due = read_due(fields);
  return out;
}

void read_change(PredicateFields& fields, ActionEvent& out) {
  out.item.id = fields.text("id");
  out.new_owner = fields.optional_text("owner");
  if (fields.optional_count("due")) out.due = read_due(fields);
  out.note = fields.text("note");
  if (fields.is_good() && out.new_owner.empty() && !out.due)
    fields.refuse("owner", "or a due date is expected: nothing changes");
}

}  // namespace

std::string_view name_of(ActionClass action_class) {
  return kClasses[static_cast<std::size_t>(action_class)];
}

Result<ActionClass> action_class_from(std::string_view name) {
  const auto* const found = std::find(kClasses.begin(), kClasses.end(), name);
  if (found != kClasses.end()) return static_cast<ActionClass>(found - kClasses.begin());
  return fail(ErrorKind::bad_input, fmt::format("`{}` is no class of an action", printable(name)),
              "detect: seen sooner; mitigate: less harm; prevent: cannot come again");
}

std::string_view name_of(ActionEvent::What what) {
  return kWhats[static_cast<std::size_t>(what)];
}

std::int64_t to_epoch_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Json to_json(const ActionItem& item) {
  return Json::object({{"id", item.id},
                       {"class", name_of(item.action_class)},
                       {"title", item.title},
                       {"owner", item.owner},
                       {"due", to_epoch_seconds(item.due)}});
}

Json to_json(const ActionEvent& event) {
  Json out = Json::object({{"what", name_of(event.what)}});
  if (event.what == ActionEvent::What::add) {
    const Json item = to_json(event.item);
    for (const auto& [name, value] : item.members()) out.set(name, value);
    return out;
  }
  out.set("id", event.item.id);
  if (!event.new_owner.empty()) out.set("owner", event.new_owner);
  if (event.due) out.set("due", to_epoch_seconds(*event.due));
  out.set("note", event.note);
  if (event.evidence) out.set("evidence", *event.evidence);
  return out;
}

Result<ActionItem> read_action_item(const Json& item, const std::string& where) {
  PredicateFields fields(item, where);
  ActionItem out = read_item(fields);
  SIGNALBOX_CHECK(fields.status());
  return out;
}

Result<ActionEvent> read_action_event(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  ActionEvent out;
  const std::string what = fields.text("what");
  const auto* const found = std::find(kWhats.begin(), kWhats.end(), what);
  if (found == kWhats.end()) {
    fields.refuse("what", "is neither add, change nor done");
  } else {
    out.what = static_cast<ActionEvent::What>(found - kWhats.begin());
  }
  switch (out.what) {
    case ActionEvent::What::add:
      out.item = read_item(fields);
      break;
    case ActionEvent::What::change:
      read_change(fields, out);
      break;
    case ActionEvent::What::done:
      out.item.id = fields.text("id");
      out.note = fields.text("note");
      out.evidence = fields.optional_count("evidence");
      break;
  }
  SIGNALBOX_CHECK(fields.status());
  return out;
}

Result<Time> parse_due(std::string_view text, Time now) {
  constexpr std::size_t kDayLength = 10;  // 2026-12-15
  Time out;
  if (text.starts_with('+')) {
    SIGNALBOX_TRY(const Duration ahead, parse_duration(text.substr(1)));
    out = std::chrono::floor<std::chrono::seconds>(now + ahead);
  } else {
    const std::string whole = std::string(text) + (text.size() == kDayLength ? "T23:59:59Z" : "");
    const auto time = parse_rfc3339(whole);
    if (!time) {
      return fail(ErrorKind::bad_input, fmt::format("{}: no date", printable(text)),
                  "2026-12-15, 2026-12-15T12:00:00Z, or +14d from now");
    }
    out = std::chrono::floor<std::chrono::seconds>(*time);
  }
  if (out > now) return out;
  return fail(ErrorKind::bad_input, fmt::format("due {}: that has passed", to_rfc3339(out)),
              "an action is done later than now");
}

Result<std::string> one_line(std::string_view text, std::string_view what, std::size_t max_bytes) {
  const std::string_view trimmed = trim(text);
  if (trimmed.empty())
    return fail(ErrorKind::bad_input, fmt::format("{} is empty", what), "say it in one line");
  if (trimmed.size() > max_bytes)
    return fail(ErrorKind::bad_input, fmt::format("{}: at most {} bytes", what, max_bytes), "say it shorter");
  std::string out(trimmed);
  for (char& c : out) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  if (printable(out) != out || !is_utf8(out))
    return fail(ErrorKind::bad_input, fmt::format("{} holds control characters", what),
                "plain text in one line, as UTF-8");
  return out;
}

}  // namespace signalbox::train::after
