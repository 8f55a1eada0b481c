#include "instruments/train/after/aftermath.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/events_of_kinds.hpp"

namespace signalbox::train::after {
namespace {

// Folds one event after the other.
class Folder {
 public:
  explicit Folder(Aftermath& out) : out_(out) {}

  // Why the event does not count; empty where it does.
  std::string take(const Event& event) {
    if (event.kind == "review") return take_review(event);
    if (event.kind == "action") return take_action(event);
    return {};
  }

 private:
  std::string take_review(const Event& event) {
    auto review = read_review(event.predicate);
    if (!review) return review.error().message;
    if (out_.review) return fmt::format("log #{} is its review", out_.review->index);
    if (out_.actions.size() + review->actions.size() > kMaxActions)
      return fmt::format("more than {} actions", kMaxActions);
    for (const ActionItem& item : review->actions) {
      if (out_.find(item.id) != nullptr) return fmt::format("there is an action {} already", item.id);
    }
    for (const ActionItem& item : review->actions) add(item, event);
    out_.review = PublishedReview{std::move(*review), event.index, event.time, event.signer};
    return {};
  }

  std::string take_action(const Event& event) {
    const auto read = read_action_event(event.predicate);
    if (!read) return read.error().message;
    const std::string& id = read->item.id;
    const auto known = std::find_if(out_.actions.begin(), out_.actions.end(),
                                    [&](const TrackedAction& one) { return one.item.id == id; });
    const bool is_known = known != out_.actions.end();
    if (read->what == ActionEvent::What::add) {
      if (is_known) return fmt::format("there is an action {} already", printable(id));
      if (out_.actions.size() >= kMaxActions) return fmt::format("more than {} actions", kMaxActions);
      add(read->item, event);
      return {};
    }
    if (!is_known) return fmt::format("there is no action {}", printable(id));
    if (known->done) return fmt::format("action {} is done", printable(id));
    if (read->what == ActionEvent::What::done) {
      known->done = Done{event.index, event.time, event.signer, read->note, read->evidence};
      return {};
    }
    if (!known->first_due) known->first_due = known->item.due;
    ++known->changes;
    if (!read->new_owner.empty()) known->item.owner = read->new_owner;
    if (read->due) known->item.due = *read->due;
    return {};
  }

  void add(const ActionItem& item, const Event& event) {
    out_.actions.push_back({out_.train, item, event.index, 0, {}, {}});
  }

  Aftermath& out_;
};

std::uint64_t newest_index(const Aftermath& one) {
  std::uint64_t out = one.review ? one.review->index : 0;
  for (const Departure& departure : one.passages.departures) out = std::max(out, departure.index);
  for (const WayBack& way_back : one.passages.ways_back) out = std::max(out, way_back.index);
  for (const TrackedAction& action : one.actions) out = std::max(out, action.index);
  return out;
}

}  // namespace

const TrackedAction* Aftermath::find(std::string_view id) const {
  const auto found = std::find_if(actions.begin(), actions.end(),
                                  [&](const TrackedAction& one) { return one.item.id == id; });
  return found == actions.end() ? nullptr : &*found;
}

std::string Aftermath::next_action_id() const {
  std::size_t number = actions.size() + 1;
  while (find(fmt::format("a{}", number)) != nullptr) ++number;
  return fmt::format("a{}", number);
}

std::optional<Time> Aftermath::review_due(const ReviewRules& rules) const {
  if (!passages.ways_back.empty()) return passages.ways_back.back().restored + rules.due_after;
  const bool is_asked = rules.of == ReviewRules::Of::every_train && !passages.departures.empty();
  if (!is_asked) return std::nullopt;
  return passages.departures.back().all_traffic + rules.due_after;
}

bool Aftermath::is_review_overdue(const ReviewRules& rules, Time now) const {
  const std::optional<Time> due = review_due(rules);
  return !review && due && *due < now;
}

Aftermath fold_aftermath(const TrainEvents& events) {
  Aftermath out;
  out.train = events.train;
  out.last_index = events.last_index;
  out.passages = read_passages(events);
  out.remarks = out.passages.remarks;
  Folder folder(out);
  for (const Event& event : events.events) {
    if (const std::string why = folder.take(event); !why.empty()) {
      out.remarks.push_back({"train/event-refused",
                             fmt::format("log #{} ({} of {}) does not count: {}", event.index, event.kind,
                                         printable(event.signer), why),
                             fmt::format("signalbox evidence show {}", event.index)});
    }
  }
  return out;
}

Result<std::vector<Aftermath>> read_aftermaths(const evidence::Ledger& ledger, const evidence::Trust& trust) {
  SIGNALBOX_TRY(const std::vector<TrainEvents> trains,
                read_events_of_kinds(ledger, trust, {"departure", "rollback", "review", "action"}));
  std::vector<Aftermath> out;
  for (const TrainEvents& events : trains) out.push_back(fold_aftermath(events));
  std::stable_sort(out.begin(), out.end(),
                   [](const Aftermath& a, const Aftermath& b) { return newest_index(a) > newest_index(b); });
  return out;
}

}  // namespace signalbox::train::after
