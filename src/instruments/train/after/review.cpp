#include "instruments/train/after/review.hpp"

#include <set>

#include <fmt/core.h>

namespace signalbox::train::after {
namespace {

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

Json departures_json(const Passages& passages) {
  Json out = Json::array();
  for (const Departure& one : passages.departures) {
    out.push_back(Json::object({{"evidence", one.index},
                                {"version", one.version},
                                {"commit", one.commit},
                                {"all_traffic", to_epoch_seconds(one.all_traffic)}}));
  }
  return out;
}

Json ways_back_json(const Passages& passages) {
  Json out = Json::array();
  for (const WayBack& one : passages.ways_back) {
    out.push_back(
        Json::object({{"evidence", one.index},
                      {"from", one.version},
                      {"to", one.baseline},
                      {"trigger", Json::object({{"reason", one.reason}, {"why", one.why}})},
                      {"detected", to_epoch_seconds(one.detected)},
                      {"restored", to_epoch_seconds(one.restored)},
                      {"duration_s", static_cast<double>((one.restored - one.detected).count()) / 1000}}));
  }
  return out;
}

Json actions_json(const std::vector<ActionItem>& actions) {
  Json out = Json::array();
  for (const ActionItem& item : actions) {
    Json json = to_json(item);
    json.set("state", "open");
    out.push_back(std::move(json));
  }
  return out;
}

}  // namespace

std::string review_objection(const Review& review) {
  if (review.summary.empty()) return "it has no summary";
  if (review.actions.empty() && review.no_actions.empty())
    return "it has no actions, and does not say why nothing is to be done (no_actions)";
  if (!review.actions.empty() && !review.no_actions.empty())
    return "it has actions, and says why there are none (no_actions)";
  if (review.actions.size() > kMaxActions) return fmt::format("more than {} actions", kMaxActions);
  std::set<std::string> ids;
  for (const ActionItem& item : review.actions) {
    if (item.owner.empty()) return fmt::format("action {} has no owner", item.id);
    if (item.due <= Time()) return fmt::format("action {} has no due date", item.id);
    if (!ids.insert(item.id).second) return fmt::format("two actions are {}", item.id);
  }
  return {};
}

Json review_predicate(const Review& review, const Passages& passages,
                      const std::vector<TimelineLine>& timeline) {
  Json out = Json::object();
  if (const auto ending = ending_of(passages)) {
    out.set("ending", name_of(ending->how));
    out.set("version", ending->version);
    out.set("baseline", ending->baseline);
    out.set("commit", ending->commit);
    out.set("ended", to_epoch_seconds(ending->time));
  }
  out.set("departures", departures_json(passages));
  out.set("rollbacks", ways_back_json(passages));
  out.set("summary", review.summary);
  out.set("impact", review.impact);
  out.set("causes", texts_json(review.causes));
  out.set("went_well", texts_json(review.went_well));
  out.set("went_badly", texts_json(review.went_badly));
  out.set("actions", actions_json(review.actions));
  if (!review.no_actions.empty()) out.set("no_actions", review.no_actions);
  out.set("timeline", to_json(timeline));
  return out;
}

Result<Review> read_review(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  Review out;
  out.summary = fields.text("summary");
  out.impact = fields.optional_text("impact");
  out.causes = fields.texts("causes");
  out.went_well = fields.texts("went_well");
  out.went_badly = fields.texts("went_badly");
  out.no_actions = fields.optional_text("no_actions");
  const Json::Array& items = fields.items("actions");
  SIGNALBOX_CHECK(fields.status());
  for (std::size_t i = 0; i < items.size(); ++i) {
    SIGNALBOX_TRY(ActionItem item, read_action_item(items[i], fmt::format("predicate.actions[{}]", i)));
    out.actions.push_back(std::move(item));
  }
  if (const std::string why = review_objection(out); !why.empty()) return fail(ErrorKind::bad_input, why);
  return out;
}

}  // namespace signalbox::train::after
