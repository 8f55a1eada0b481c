#include "instruments/train/boarding/rules.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

using config::Node;

constexpr std::int64_t kMostPassengers = 10'000;

Status read_limit(const Node& node, std::uint64_t& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const std::int64_t value, node.integer());
  if (value < 0 || value > kMostPassengers)
    return node.wrong(fmt::format("0 to {} is expected", kMostPassengers));
  out = static_cast<std::uint64_t>(value);
  return {};
}

// A duration, or 0 for none.
Status read_lead(const Node& node, Duration& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const std::string text, node.text());
  if (text == "0") {
    out = Duration(0);
    return {};
  }
  SIGNALBOX_TRY(out, node.duration());
  return {};
}

Status read_items(const Node& node, std::vector<CheckItem>& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const std::vector<std::string> names, node.texts());
  out.clear();
  for (const std::string& name : names) {
    const auto item = check_item_from(name);
    if (!item) {
      return node.wrong(fmt::format("there is no checklist item '{}'", printable(name)),
                        "items are " + join(check_item_names(), ", "));
    }
    if (std::find(out.begin(), out.end(), *item) == out.end()) out.push_back(*item);
  }
  return {};
}

Status read_checklists(const Node& node, BoardingRules& out) {
  if (!node.exists()) return {};
  SIGNALBOX_CHECK(node.only({"low", "medium", "high", "hotfix"}));
  for (const Risk risk : {Risk::low, Risk::medium, Risk::high})
    SIGNALBOX_CHECK(read_items(node[name_of(risk)], out.asked[static_cast<std::size_t>(risk)]));
  return read_items(node["hotfix"], out.asked_of_hotfix);
}

Status read_unboarded(const Node& node, BoardingRules& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const std::string text, node.text());
  if (text != "warn" && text != "refuse")
    return node.wrong(fmt::format("`{}` is neither warn nor refuse", printable(text)));
  out.unboarded = text == "refuse" ? BoardingRules::Unboarded::refuse : BoardingRules::Unboarded::warn;
  return {};
}

Status read_share(const Node& node, BoardingRules& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(out.max_share_percent, node.number());
  if (!(out.max_share_percent > 0 && out.max_share_percent <= 100))
    return node.wrong("a share is more than 0 and at most 100 percent");
  return {};
}

}  // namespace

BoardingRules::BoardingRules() {
  const auto& all = check_items();
  for (std::vector<CheckItem>& items : asked) items.assign(all.begin(), all.end());
}

const std::vector<CheckItem>& BoardingRules::asked_of(Risk risk, TrainKind kind) const {
  return kind == TrainKind::hotfix ? asked_of_hotfix : asked[static_cast<std::size_t>(risk)];
}

Terms BoardingRules::terms_of(TrainKind kind) const {
  return {kind == TrainKind::hotfix ? hotfix_lock_before : lock_before, max_high_risk, max_medium_risk};
}

Time BoardingRules::locks_at(const Schedule& schedule) const {
  return schedule.departs - schedule.terms.value_or(terms_of(schedule.kind)).lock_before;
}

std::optional<std::uint64_t> BoardingRules::places_for(Risk risk, const Schedule& schedule) const {
  const Terms terms = schedule.terms.value_or(terms_of(schedule.kind));
  if (risk == Risk::high) return terms.max_high_risk;
  return risk == Risk::medium ? terms.max_medium_risk : std::nullopt;
}

Result<BoardingRules> parse_boarding_rules(const Node& boarding) {
  BoardingRules out;
  if (!boarding.exists()) return out;
  SIGNALBOX_CHECK(
      boarding.only({"max_high_risk", "max_medium_risk", "lock_before", "hotfix_lock_before", "approver_role",
                     "max_share", "unboarded", "migrations", "sensitive", "checklist"}));
  SIGNALBOX_CHECK(read_limit(boarding["max_high_risk"], out.max_high_risk));
  if (boarding["max_medium_risk"].exists()) {
    out.max_medium_risk = 0;
    SIGNALBOX_CHECK(read_limit(boarding["max_medium_risk"], *out.max_medium_risk));
  }
  SIGNALBOX_CHECK(read_lead(boarding["lock_before"], out.lock_before));
  SIGNALBOX_CHECK(read_lead(boarding["hotfix_lock_before"], out.hotfix_lock_before));
  if (boarding["approver_role"].exists()) {
    SIGNALBOX_TRY(out.approver_role, boarding["approver_role"].text());
  }
  SIGNALBOX_CHECK(read_share(boarding["max_share"], out));
  SIGNALBOX_CHECK(read_unboarded(boarding["unboarded"], out));
  if (boarding["migrations"].exists()) {
    SIGNALBOX_TRY(out.paths.migrations, boarding["migrations"].texts());
  }
  if (boarding["sensitive"].exists()) {
    SIGNALBOX_TRY(out.paths.sensitive, boarding["sensitive"].texts());
  }
  SIGNALBOX_CHECK(read_checklists(boarding["checklist"], out));
  return out;
}

}  // namespace signalbox::train
