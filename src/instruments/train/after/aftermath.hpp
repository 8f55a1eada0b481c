// What follows a train: its review, and the actions that came of it. The fold of its events. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/after/review.hpp"
#include "instruments/train/after/review_rules.hpp"

namespace signalbox::train::after {

struct PublishedReview {
  Review review;
  std::uint64_t index = 0;  // in the log
  Time time;
  std::string by;  // key that signed it
};

// How an action ended.
struct Done {
  std::uint64_t index = 0;  // of the event, in the log
  Time time;
  std::string by;    // key that signed it
  std::string note;  // what was done
  std::optional<std::uint64_t> evidence;
};

struct TrackedAction {
  std::string train;
  ActionItem item;                // as it stands
  std::uint64_t index = 0;        // of the event that brought it, in the log
  std::size_t changes = 0;        // of its owner or due date
  std::optional<Time> first_due;  // where it was changed
  std::optional<Done> done;

  bool is_open() const { return !done; }
  bool is_overdue(Time now) const { return is_open() && item.due < now; }
};

struct Aftermath {
  std::string train;
  std::int64_t last_index = -1;  // newest entry about the train, for `append_event`
  Passages passages;
  std::optional<PublishedReview> review;
  std::vector<TrackedAction> actions;  // in the order in which they came
  std::vector<Remark> remarks;         // events that do not count, and why

  const TrackedAction* find(std::string_view id) const;
  std::string next_action_id() const;  // "a3"
  // When its review is due by the rules; nothing where none is asked for.
  std::optional<Time> review_due(const ReviewRules& rules) const;
  bool is_review_overdue(const ReviewRules& rules, Time now) const;
};

// The first review counts, actions by their first event of an id.
Aftermath fold_aftermath(const TrainEvents& events);

// Of all trains that have left, were taken back, were reviewed or have actions; the newest first. Their
// `last_index` is not known.
Result<std::vector<Aftermath>> read_aftermaths(const evidence::Ledger& ledger, const evidence::Trust& trust);

}  // namespace signalbox::train::after
