// The acceptance checklist of a passenger: twelve questions, each proved by evidence, attested by a person,
// or not applicable for a reason.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::train {

enum class CheckItem {
  tests,
  merged_ci,
  integration_tests,
  security_scan,
  migration_plan,
  migration_reversible,
  data_rollback,
  feature_toggle,
  toggle_exists,
  observability,
  business_impact,
  notes_entry,
};
inline constexpr std::size_t kCheckItems = 12;
const std::array<CheckItem, kCheckItems>& check_items();
std::string_view name_of(CheckItem item);  // "migration-plan"
std::string_view question_of(CheckItem item);
std::optional<CheckItem> check_item_from(std::string_view name);
std::vector<std::string> check_item_names();

// In the order of their rank: a later one outranks an earlier.
enum class CheckState { open, not_applicable, attested, proved };
std::string_view name_of(CheckState state);  // "open", "n/a", "attested", "proved"

struct CheckAnswer {
  CheckState state = CheckState::open;
  std::string text;  // of n/a the reason, of attested what the person says, of proved what the evidence says
  std::string by;    // of attested and n/a: the key that signed it
  std::optional<std::uint64_t> evidence;  // of proved: index in the log
  std::string envelope;                   // of that entry: sha256 hex
  bool operator==(const CheckAnswer&) const = default;
};

struct Checklist {
  std::array<CheckAnswer, kCheckItems> answers;

  CheckAnswer& operator[](CheckItem item) { return answers[static_cast<std::size_t>(item)]; }
  const CheckAnswer& operator[](CheckItem item) const { return answers[static_cast<std::size_t>(item)]; }
  bool operator==(const Checklist&) const = default;
  std::vector<CheckItem> open() const;
  std::size_t answered() const { return kCheckItems - open().size(); }
};

// An answer as a person gives it: "#12" is evidence, "n/a: REASON" needs its reason, anything else is
// attested. bad_input where nothing is said.
Result<CheckAnswer> parse_check_answer(std::string_view text);
// "tests=#12". bad_input, with the nearest name, where there is no such item.
Result<std::pair<CheckItem, CheckAnswer>> parse_check(std::string_view text);

// Takes over each answer of `more` but those that an older one outranks.
void answer_more(Checklist& checklist, const Checklist& more);

Json to_json(const Checklist& checklist);
// Items that are absent are open; unknown ones are bad_input.
Result<Checklist> read_checklist(const Json& json);

}  // namespace signalbox::train
