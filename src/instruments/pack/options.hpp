// Options that the commands of `signalbox pack` share, and what they mean.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

std::vector<cli::Option> packing_options();  // --boxes, --box-columns, --columns, --support, --objective …

Result<std::vector<Box>> boxes_of(const cli::Arguments& arguments);
Result<std::vector<Order>> orders_of(const cli::Arguments& arguments, const std::string& file);
Result<Support> support_of(const cli::Arguments& arguments, int fallback);
Result<Support> area_of(const cli::Arguments& arguments, int fallback);  // where no other rule is known
Result<std::int64_t> number_of(const cli::Arguments& arguments, std::string_view option, std::int64_t low,
                               std::int64_t high, std::int64_t fallback);
// Three lengths, "11.1x8x6in": the unit at the end is of all of them.
Result<Size> size_from(std::string_view option, std::string_view text);
// "10s", "500ms", "2min".
Result<std::chrono::milliseconds> duration_from(std::string_view text);

std::vector<cli::Option> rule_options();  // --carrier, --on, --account, --divisor, --rules

struct RulesAsked {
  RulePack rules;
  Account account = Account::daily;
  Day day;
  std::vector<RulePack> all;  // that could have been asked
};
Result<RulesAsked> rules_of(const cli::Arguments& arguments, const Clock& clock);

// Of --rates and --zone, with the rules of each carrier in it.
Result<std::shared_ptr<const PriceList>> prices_of(const cli::Arguments& arguments, const RulesAsked& rules,
                                                   const std::string& file);

struct Asked {
  PlanRequest request;
  RulesAsked rules;
  std::shared_ptr<const PriceList> prices;  // of --rates; null: there are none
};
Result<Asked> request_of(const cli::Arguments& arguments, const Clock& clock);

// Plans that are known, of --start, by their orders.
using Starts = std::map<std::string, PlanDocument>;
Result<Starts> starts_of(const cli::Arguments& arguments);
// The known plan of that order, with these boxes: nothing where its lines or its boxes are others.
std::optional<Plan> start_for(const Starts& starts, const Order& order, const std::vector<Box>& boxes);

// --keep: the plans stay where the console shows them.
Status keep_plans(const std::vector<PlanDocument>& plans, const RulesAsked& rules,
                  const cli::Context& context);

// Plans as `pack plan --json` prints one or `pack batch --plans` writes many.
Result<std::vector<PlanDocument>> plans_of(const std::string& file);

// The file's text; "-" is standard input.
Result<std::string> text_of_file(const std::string& file);

}  // namespace signalbox::pack
