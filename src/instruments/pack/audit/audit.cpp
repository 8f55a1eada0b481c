#include "instruments/pack/audit/audit.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/choose/objective.hpp"

namespace signalbox::pack {
namespace {

using Parcel = std::pair<std::size_t, std::size_t>;  // plan, package

const Box& box_of(const PlanDocument& plan, std::size_t package) {
  return plan.boxes[plan.plan.packages[package].box];
}

Mass weight_of(const PlanDocument& plan, std::size_t package) {
  return box_of(plan, package).tare + contents_of(plan.order, plan.plan.packages[package]);
}

std::string inches(const std::array<std::int64_t, 3>& sides) {
  return fmt::format("{} x {} x {} in", sides[0], sides[1], sides[2]);
}

std::array<std::int64_t, 3> falling(std::array<std::int64_t, 3> sides) {
  std::sort(sides.begin(), sides.end(), std::greater<>());
  return sides;
}

std::set<std::string> ids_of(const Bill& bill) {
  std::set<std::string> out;
  for (const BilledSurcharge& each : bill.surcharges) out.insert(each.id);
  return out;
}

class Auditor {
 public:
  Auditor(std::span<const PlanDocument> plans, const AuditRules& rules) : plans_(plans), rules_(rules) {
    for (std::size_t i = 0; i < plans.size(); ++i) by_order_.emplace(plans[i].order.id, i);
  }

  Result<Audit> run(std::span<const InvoiceLine> lines) {
    Audit out;
    for (const InvoiceLine& line : lines) {
      SIGNALBOX_TRY(AuditedLine audited, judge(line));
      out.lines.push_back(std::move(audited));
    }
    for (std::size_t plan = 0; plan < plans_.size(); ++plan)
      for (std::size_t package = 0; package < plans_[plan].plan.packages.size(); ++package)
        if (!billed_.contains({plan, package})) out.not_billed.emplace_back(plan, package);
    return out;
  }

 private:
  Result<RulePack> pack_on(Day day) const {
    SIGNALBOX_TRY(RulePack out, rules_on(rules_.all, rules_.carrier, day));
    if (rules_.divisor) {
      out.daily_divisor = out.retail_divisor = *rules_.divisor;
      out.id += fmt::format("/{}", *rules_.divisor);
    }
    return out;
  }

  Bill bill(const RulePack& pack, const Parcel& parcel, Account account) const {
    const PlanDocument& plan = plans_[parcel.first];
    return bill_of(pack, box_of(plan, parcel.second).outer, weight_of(plan, parcel.second), account);
  }

  // Of the order's packages the one that the line names, or that is not billed and nearest by its pounds;
  // where all are billed, the nearest of all.
  std::optional<Parcel> parcel_of(const InvoiceLine& line, const RulePack& pack) const {
    const auto found = by_order_.find(line.order);
    if (found == by_order_.end()) return std::nullopt;
    const std::size_t count = plans_[found->second].plan.packages.size();
    if (line.package) {
      const std::size_t package = static_cast<std::size_t>(*line.package) - 1;
      return package < count ? std::optional<Parcel>({found->second, package}) : std::nullopt;
    }
    std::optional<Parcel> best;
    std::pair<bool, std::int64_t> best_key;
    for (std::size_t package = 0; package < count; ++package) {
      const Parcel parcel{found->second, package};
      const std::int64_t pounds = bill(pack, parcel, rules_.account).billed_lb;
      const std::pair<bool, std::int64_t> key{billed_.contains(parcel), std::abs(pounds - line.billed_lb)};
      if (best && key >= best_key) continue;
      best = parcel;
      best_key = key;
    }
    return best;
  }

  Result<AuditedLine> judge(const InvoiceLine& line) {
    AuditedLine out;
    out.line = line;
    SIGNALBOX_TRY(const RulePack pack, pack_on(line.day.value_or(rules_.day)));
    out.source = pack.source;
    const auto parcel = parcel_of(line, pack);
    if (!parcel) {
      out.reason = Reason::unknown;
      out.why = line.package ? fmt::format("no plan has a package {} of the order", *line.package)
                             : "no plan has such an order";
      out.over_lb = line.billed_lb;
      out.over_amount = line.amount;
      out.due_amount = line.amount ? std::optional<Money>(0) : std::nullopt;
      return out;
    }
    std::tie(out.plan, out.package) = *parcel;
    out.due = bill(pack, *parcel, rules_.account);
    const bool is_new_number = numbers_.insert(line.tracking).second;
    const bool is_new_parcel = billed_.insert(*parcel).second;
    if (!is_new_number || !is_new_parcel) {
      out.reason = Reason::duplicate;
      out.why = is_new_number ? "the parcel was asked for before" : "the tracking number stands there before";
      out.over_lb = line.billed_lb;
      out.over_amount = line.amount;
      out.due_amount = line.amount ? std::optional<Money>(0) : std::nullopt;
      return out;
    }
    out.over_lb = line.billed_lb - out.due.billed_lb;
    price(out);
    if (out.over_lb != 0) {
      explain_pounds(out, pack, *parcel);
    } else {
      explain_rest(out);
    }
    return out;
  }

  void price(AuditedLine& out) const {
    if (!rules_.rates || !out.line.amount) return;
    out.due_amount = price_of(*rules_.rates, rules_.carrier, out.line.service, out.line.zone, out.due);
    if (out.due_amount) out.over_amount = *out.line.amount - *out.due_amount;
  }

  void explain_pounds(AuditedLine& out, const RulePack& pack, const Parcel& parcel) const {
    const InvoiceLine& line = out.line;
    const PlanDocument& plan = plans_[parcel.first];
    const Size ours = box_of(plan, parcel.second).outer;
    const Mass weight = weight_of(plan, parcel.second);
    const Bill theirs = bill_of(pack, line.size.value_or(ours), line.weight.value_or(weight), rules_.account);
    const auto say = [&](Reason reason, std::string why) {
      out.reason = reason;
      out.why = std::move(why);
    };
    if ((line.size || line.weight) && theirs.billed_lb != line.billed_lb) {
      if (line.size && line.weight) {
        // What it says itself does not give what it asks for; another rule may.
        if (const std::string rule = rule_that_gives(line, *line.size, *line.weight); !rule.empty())
          return say(Reason::rule, fmt::format("{} lb by {}, {} lb is asked, which {} would give",
                                               theirs.billed_lb, pack.id, line.billed_lb, rule));
        return say(Reason::arithmetic,
                   fmt::format("by its own measures {}, {} lb, the rule gives {} lb, {} lb is asked",
                               inches(theirs.sides_in), theirs.actual_lb, theirs.billed_lb, line.billed_lb));
      }
    }
    if (line.size && theirs.billed_lb == line.billed_lb &&
        falling(theirs.sides_in) != falling(out.due.sides_in))
      return say(Reason::dimensions,
                 fmt::format("measured {}; the box '{}' is {}", inches(theirs.sides_in),
                             printable(box_of(plan, parcel.second).sku), inches(out.due.sides_in)));
    if (line.weight && theirs.billed_lb == line.billed_lb && theirs.actual_lb != out.due.actual_lb)
      return say(Reason::weight,
                 fmt::format("weighed {} lb; box and contents weigh {} lb",
                             to_text(*line.weight, MassUnit::lb), to_text(weight, MassUnit::lb)));
    if (const std::string rule = rule_that_gives(line, ours, weight); !rule.empty())
      return say(Reason::rule, fmt::format("{} lb by {}, {} lb is asked, which {} would give",
                                           out.due.billed_lb, pack.id, line.billed_lb, rule));
    say(Reason::pounds, fmt::format("{}, {} lb: {} lb by {}, {} lb is asked", inches(out.due.sides_in),
                                    out.due.actual_lb, out.due.billed_lb, pack.id, line.billed_lb));
  }

  // Another day's rule, or the other account's divisor, that gives the pounds asked.
  std::string rule_that_gives(const InvoiceLine& line, const Size& size, Mass weight) const {
    for (const RulePack& each : rules_.all) {
      if (each.carrier != rules_.carrier) continue;
      for (const Account account : {rules_.account, Account::daily, Account::retail})
        if (billed_pounds(each, size, weight, account).lb == line.billed_lb)
          return fmt::format("{} with divisor {}", each.id,
                             account == Account::daily ? each.daily_divisor : each.retail_divisor);
    }
    return "";
  }

  void explain_rest(AuditedLine& out) const {
    const std::set<std::string> asked(out.line.surcharges.begin(), out.line.surcharges.end());
    const std::set<std::string> due = ids_of(out.due);
    std::vector<std::string> too_many;
    std::vector<std::string> too_few;
    std::set_difference(asked.begin(), asked.end(), due.begin(), due.end(), std::back_inserter(too_many));
    std::set_difference(due.begin(), due.end(), asked.begin(), asked.end(), std::back_inserter(too_few));
    if (!too_many.empty() || !too_few.empty()) {
      out.reason = Reason::surcharge;
      out.has_surcharge_not_due = !too_many.empty();
      if (!too_many.empty()) out.why = fmt::format("asked and not due: {}", join(too_many, ", "));
      if (!too_few.empty())
        out.why += fmt::format("{}due and not asked: {}", out.why.empty() ? "" : "; ", join(too_few, ", "));
      return;
    }
    if (out.over_amount && *out.over_amount != 0) {
      out.reason = Reason::price;
      out.why = fmt::format("{} for {} lb by the table, {} is asked", money_text(*out.due_amount),
                            out.due.billed_lb, money_text(*out.line.amount));
    }
  }

  std::span<const PlanDocument> plans_;
  const AuditRules& rules_;
  std::map<std::string, std::size_t> by_order_;
  std::set<std::string> numbers_;
  std::set<Parcel> billed_;
};

std::string cell(const std::string& text) {
  // A cell that a spreadsheet would run as a formula is text.
  std::string out =
      !text.empty() && std::string_view("=+-@").find(text[0]) != std::string_view::npos ? "'" : "";
  out += text;
  if (out.find_first_of(",\"\n\r") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::agrees:
      return "agrees";
    case Reason::unknown:
      return "unknown";
    case Reason::duplicate:
      return "duplicate";
    case Reason::arithmetic:
      return "arithmetic";
    case Reason::dimensions:
      return "dimensions";
    case Reason::weight:
      return "weight";
    case Reason::rule:
      return "rule";
    case Reason::surcharge:
      return "surcharge";
    case Reason::price:
      return "price";
    case Reason::pounds:
      return "pounds";
  }
  return "agrees";
}

bool is_claim(const AuditedLine& line) {
  if (line.reason == Reason::agrees) return false;
  if (line.over_amount) return *line.over_amount > 0;
  if (line.over_lb != 0) return line.over_lb > 0;
  return line.reason == Reason::duplicate || line.reason == Reason::unknown || line.has_surcharge_not_due;
}

std::size_t Audit::claims() const {
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), is_claim));
}

Result<Audit> audit_invoice(std::span<const InvoiceLine> lines, std::span<const PlanDocument> plans,
                            const AuditRules& rules) {
  return Auditor(plans, rules).run(lines);
}

std::string claims_csv(const Audit& audit, std::span<const PlanDocument> plans) {
  std::string out =
      "tracking,order,package,reason,asked_lb,due_lb,over_lb,asked,due,over,box,sides_in,weight_lb,rule,"
      "source,why\n";
  for (const AuditedLine& each : audit.lines) {
    if (!is_claim(each)) continue;
    const bool known = each.plan != SIZE_MAX;
    const bool owes_nothing = each.reason == Reason::duplicate || each.reason == Reason::unknown;
    const auto money = [](const std::optional<Money>& amount) { return amount ? money_text(*amount) : ""; };
    const std::vector<std::string> cells{
        each.line.tracking,
        each.line.order,
        known ? std::to_string(each.package + 1) : "",
        std::string(name_of(each.reason)),
        std::to_string(each.line.billed_lb),
        owes_nothing ? "0" : std::to_string(each.due.billed_lb),
        std::to_string(each.over_lb),
        money(each.line.amount),
        money(each.due_amount),
        money(each.over_amount),
        known ? box_of(plans[each.plan], each.package).sku : "",
        known ? inches(each.due.sides_in) : "",
        known ? to_text(weight_of(plans[each.plan], each.package), MassUnit::lb) : "",
        each.due.rule,
        known ? each.source : "",
        each.why};
    for (std::size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "," : "") + cell(cells[i]);
    out += '\n';
  }
  return out;
}

}  // namespace signalbox::pack
