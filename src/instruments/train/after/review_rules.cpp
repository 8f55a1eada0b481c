#include "instruments/train/after/review_rules.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {

Result<ReviewRules> parse_review_rules(const config::Node& reviews) {
  ReviewRules out;
  if (!reviews.exists()) return out;
  SIGNALBOX_CHECK(reviews.only({"of", "due_after", "overdue"}));
  if (const config::Node node = reviews["of"]; node.exists()) {
    SIGNALBOX_TRY(const std::string name, node.text());
    if (name != "taken-back" && name != "every-train")
      return node.wrong(fmt::format("`{}` is neither taken-back nor every-train", printable(name)));
    if (name == "every-train") out.of = ReviewRules::Of::every_train;
  }
  if (const config::Node node = reviews["due_after"]; node.exists()) {
    SIGNALBOX_TRY(out.due_after, node.duration());
  }
  if (const config::Node node = reviews["overdue"]; node.exists()) {
    SIGNALBOX_TRY(const std::string name, node.text());
    if (name != "warn" && name != "block")
      return node.wrong(fmt::format("`{}` is neither warn nor block", printable(name)));
    if (name == "block") out.overdue = ReviewRules::Overdue::block;
  }
  return out;
}

}  // namespace signalbox::train::after
