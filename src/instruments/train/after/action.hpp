// What is to be done after a train, so that the same does not happen again: events of kind `action`, and the
// items of a review.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxActions = 200;  // of one train
inline constexpr std::size_t kMaxActionTitleBytes = 300;

// What an action changes: that the trouble is seen sooner, that it does less harm, that it cannot come again.
enum class ActionClass { detect, mitigate, prevent };
std::string_view name_of(ActionClass action_class);
Result<ActionClass> action_class_from(std::string_view name);

struct ActionItem {
  std::string id;  // "a1": within its train
  ActionClass action_class = ActionClass::prevent;
  std::string title;
  std::string owner;  // never empty
  Time due;           // whole seconds
};

// What one event says of an action.
struct ActionEvent {
  enum class What { add, change, done } what = What::add;
  ActionItem item;                        // in an add all of it, else its id
  std::string new_owner;                  // of a change; empty: stays
  std::optional<Time> due;                // of a change; absent: stays
  std::string note;                       // of a change why, of a done what was done; never empty there
  std::optional<std::uint64_t> evidence;  // of a done: entry of the log that shows it
};
std::string_view name_of(ActionEvent::What what);  // "add"

// A due date is a number in predicates, Unix seconds, as conditions read it.
Json to_json(const ActionItem& item);
Json to_json(const ActionEvent& event);
// An item of a list, of which `where` is the place; bad_input naming the member that is missing or wrong.
Result<ActionItem> read_action_item(const Json& item, const std::string& where);
Result<ActionEvent> read_action_event(const Json& predicate);

// A day that it is due ("2026-12-15": at its end, UTC), RFC 3339, or "+14d" from now. bad_input where it has
// passed.
Result<Time> parse_due(std::string_view text, Time now);

// A title or an owner as people give it: trimmed, in one line. bad_input where it is empty or too long.
Result<std::string> one_line(std::string_view text, std::string_view what, std::size_t max_bytes);

std::int64_t to_epoch_seconds(Time time);

}  // namespace signalbox::train::after
