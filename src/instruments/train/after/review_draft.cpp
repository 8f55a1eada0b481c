#include "instruments/train/after/review_draft.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

using config::Node;

constexpr std::size_t kMaxOwnerBytes = 100;

// "v1.3.0 had all traffic from 2026-…; it was taken back after 42s: errors are above 0.25".
std::string first_summary(const Passages& passages) {
  std::vector<std::string> parts;
  for (const Departure& one : passages.departures)
    parts.push_back(fmt::format("{} got all of the traffic at {}", one.version, to_rfc3339(one.all_traffic)));
  for (const WayBack& one : passages.ways_back) {
    std::string text = fmt::format("{} was taken back to {} in {}", one.version, one.baseline,
                                   to_text(one.restored - one.detected));
    if (!one.why.empty()) text += ": " + one.why;
    parts.push_back(std::move(text));
  }
  return printable(join(parts, "; "));
}

// As a double-quoted scalar of YAML, of which JSON's texts are a part.
std::string quoted(const std::string& text) {
  return Json(text).dump();
}

Result<std::string> paragraph(const Node& node) {
  if (!node.exists()) return std::string();
  SIGNALBOX_TRY(const std::string text, node.text());
  if (text.size() > PredicateFields::kMaxTextBytes)
    return node.wrong(fmt::format("a text of more than {} bytes", PredicateFields::kMaxTextBytes));
  return std::string(trim(text));
}

Result<std::vector<std::string>> paragraphs(const Node& node) {
  std::vector<std::string> out;
  if (!node.exists()) return out;
  for (const Node& item : node.items()) {
    SIGNALBOX_TRY(std::string text, paragraph(item));
    if (!text.empty()) out.push_back(std::move(text));
  }
  if (!node.is_list()) return node.wrong("a list of texts is expected", "- TEXT");
  return out;
}

Result<ActionItem> read_item(const Node& node, std::string id, Time now) {
  SIGNALBOX_CHECK(node.only({"class", "title", "owner", "due"}));
  const auto part = [&](const char* name, std::size_t max_bytes) -> Result<std::string> {
    SIGNALBOX_TRY(const std::string text, node[name].text());
    auto line = one_line(text, name, max_bytes);
    if (!line) return node[name].wrong(line.error().message, "an action has a class, title, owner and due");
    return line;
  };
  ActionItem out;
  out.id = std::move(id);
  SIGNALBOX_TRY(const std::string named, node["class"].text());
  const auto action_class = action_class_from(named);
  if (!action_class) return node["class"].wrong(action_class.error().message, action_class.error().hint);
  out.action_class = *action_class;
  SIGNALBOX_TRY(out.title, part("title", kMaxActionTitleBytes));
  SIGNALBOX_TRY(out.owner, part("owner", kMaxOwnerBytes));
  SIGNALBOX_TRY(const std::string when, node["due"].text());
  const auto due = parse_due(when, now);
  if (!due) return node["due"].wrong(due.error().message, due.error().hint);
  out.due = *due;
  return out;
}

}  // namespace

std::string draft_of(const Aftermath& train, const std::vector<TimelineLine>& timeline) {
  std::string out = fmt::format(
      "# The review of train {0}, blameless: what happened and what let it happen, never who.\n"
      "# signalbox train review publish {0} --file FILE   signs it into the log\n"
      "train: {1}\n"
      "summary: {2}\n"
      "impact: \"\"   # on those who use it: how many, for how long\n"
      "causes: []   # what let it happen, one each\n"
      "went_well: []\n"
      "went_badly: []\n"
      "# Each has an owner and a due date. class: detect (seen sooner), mitigate (less harm), prevent.\n"
      "#  - {{class: prevent, title: \"what is done\", owner: ada, due: 2026-12-15}}\n"
      "actions: []\n"
      "no_actions: \"\"   # where there is nothing to do: why\n"
      "\n"
      "# What the log tells; it is published with the review, from the log itself.\n",
      train.train, quoted(train.train), quoted(first_summary(train.passages)));
  for (const TimelineLine& line : timeline)
    out += fmt::format("# {}  {}  ({}, log #{})\n", to_rfc3339(line.time), line.text, printable(line.by),
                       line.index);
  return out;
}

Result<Review> read_draft(const Node& file, const Aftermath& train, Time now) {
  SIGNALBOX_CHECK(file.only(
      {"train", "summary", "impact", "causes", "went_well", "went_badly", "actions", "no_actions"}));
  SIGNALBOX_TRY(const std::string about, file["train"].text());
  if (about != train.train)
    return file["train"].wrong(fmt::format("it is about {}, not {}", printable(about), train.train));
  Review out;
  SIGNALBOX_TRY(out.summary, paragraph(file["summary"]));
  SIGNALBOX_TRY(out.impact, paragraph(file["impact"]));
  SIGNALBOX_TRY(out.causes, paragraphs(file["causes"]));
  SIGNALBOX_TRY(out.went_well, paragraphs(file["went_well"]));
  SIGNALBOX_TRY(out.went_badly, paragraphs(file["went_badly"]));
  SIGNALBOX_TRY(out.no_actions, paragraph(file["no_actions"]));
  if (file["actions"].exists() && !file["actions"].is_list())
    return file["actions"].wrong("a list is expected here",
                                 "- {class: prevent, title: …, owner: …, due: 2026-12-15}");
  Aftermath numbered = train;
  for (const Node& node : file["actions"].items()) {
    if (numbered.actions.size() >= kMaxActions)
      return node.wrong(fmt::format("the train has more than {} actions", kMaxActions), "leave some out");
    SIGNALBOX_TRY(ActionItem item, read_item(node, numbered.next_action_id(), now));
    numbered.actions.push_back({train.train, item, 0, 0, {}, {}});
    out.actions.push_back(std::move(item));
  }
  if (const std::string why = review_objection(out); !why.empty())
    return file.wrong(why, "signalbox train review new " + train.train + " writes a file to begin from");
  return out;
}

}  // namespace signalbox::train::after
