// The rules of boarding: key `boarding` of section `train`. They are the policy's, never the candidate's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "instruments/train/boarding/checklist.hpp"
#include "instruments/train/boarding/risk.hpp"
#include "instruments/train/boarding/schedule.hpp"

namespace signalbox::train {

struct BoardingRules {
  std::uint64_t max_high_risk = 2;                // aboard one train
  std::optional<std::uint64_t> max_medium_risk;   // absent: as many as come
  Duration lock_before = std::chrono::hours(72);  // the departure: from then on the scope is locked
  Duration hotfix_lock_before{0};
  std::string approver_role = "approver";  // of the key that approves a passenger
  double max_share_percent = 25;           // of the train's churn in one passenger, before it is worth a word
  // What to do about commits that leave with the train though nobody boarded them.
  enum class Unboarded { warn, refuse } unboarded = Unboarded::warn;
  RiskPaths paths;
  std::array<std::vector<CheckItem>, 3> asked;  // by risk
  std::vector<CheckItem> asked_of_hotfix = {CheckItem::tests, CheckItem::security_scan,
                                            CheckItem::data_rollback, CheckItem::observability,
                                            CheckItem::notes_entry};

  BoardingRules();  // asks everything of every risk
  const std::vector<CheckItem>& asked_of(Risk risk, TrainKind kind) const;
  // What a train that is made or moved now is under. These count for it from then on, whatever the policy
  // says later; of trains whose schedule has none, the rules here do.
  Terms terms_of(TrainKind kind) const;
  Time locks_at(const Schedule& schedule) const;
  // Absent: as many as come.
  std::optional<std::uint64_t> places_for(Risk risk, const Schedule& schedule) const;
};

// Members: max_high_risk max_medium_risk lock_before hotfix_lock_before approver_role max_share unboarded
// migrations sensitive checklist {low, medium, high, hotfix}. Absent: the rules above.
Result<BoardingRules> parse_boarding_rules(const config::Node& boarding);

}  // namespace signalbox::train
