#include "instruments/train/after/overdue.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kShownTitleColumns = 60;

std::string words_of(const Overdue& one, Time now) {
  const std::string late = to_text(now - one.due);
  if (one.action.empty()) return fmt::format("the review of train {} is {} overdue", one.train, late);
  return fmt::format("action {} of train {} is {} overdue: {} ({})", printable(one.action), one.train, late,
                     cut_to_width(printable(one.title), kShownTitleColumns), printable(one.owner));
}

std::string remedy_of(const Overdue& one) {
  if (one.action.empty()) return fmt::format("signalbox train review new {} -o review.yaml", one.train);
  return fmt::format("signalbox train action done {} {} --note TEXT", one.train,
                     shell_word(printable(one.action)));
}

}  // namespace

std::vector<Overdue> overdue_of(const std::vector<Aftermath>& trains, const ReviewRules& rules, Time now) {
  std::vector<Overdue> out;
  for (const Aftermath& train : trains) {
    if (train.is_review_overdue(rules, now))
      out.push_back({train.train, "", "", "", *train.review_due(rules)});
    for (const TrackedAction& action : train.actions) {
      if (!action.is_overdue(now)) continue;
      out.push_back({train.train, action.item.id, action.item.title, action.item.owner, action.item.due});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Overdue& a, const Overdue& b) { return a.due < b.due; });
  return out;
}

std::vector<Finding> findings_of(const std::vector<Overdue>& overdue, Time now) {
  std::vector<Finding> out;
  for (const Overdue& one : overdue) {
    const char* const rule = one.action.empty() ? "train/review-overdue" : "train/action-overdue";
    out.push_back({rule, Severity::warning, words_of(one, now), std::nullopt, remedy_of(one)});
  }
  return out;
}

Check check_of(const std::vector<Overdue>& overdue, Time now) {
  Check out;
  out.name = kReviewsCheck;
  out.verdict = Verdict::pass;
  out.asked = "no review, and no action of one, is overdue";
  out.answer = "none is";
  if (overdue.empty()) return out;
  out.verdict = Verdict::fail;
  out.answer = words_of(overdue.front(), now);
  if (overdue.size() > 1) out.answer += fmt::format(", and {}", counted(overdue.size() - 1, "other"));
  out.reason = "overdue";
  out.remedy = remedy_of(overdue.front());
  out.owner = overdue.front().owner;
  return out;
}

}  // namespace signalbox::train::after
