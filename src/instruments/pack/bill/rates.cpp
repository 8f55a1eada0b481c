#include "instruments/pack/bill/rates.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/read/csv.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

const std::vector<std::string_view> kColumns{"carrier", "service", "zone", "lb", "price", "surcharge"};

Service& service_of(RateTable& table, const std::string& carrier, const std::string& name,
                    const std::string& zone) {
  for (Service& each : table.services)
    if (each.carrier == carrier && each.name == name && each.zone == zone) return each;
  table.services.push_back({carrier, name, zone, {}, {}});
  return table.services.back();
}

Status read_row(const CsvHeader& header, const CsvRow& row, RateTable& table) {
  const std::string carrier(header.cell(row, "carrier"));
  if (carrier.empty()) return fail(header.at(row, "carrier", Error{ErrorKind::bad_input, "no carrier"}));
  const auto price = cost_from(header.cell(row, "price"));
  if (!price) return fail(header.at(row, "price", price.error()));
  const std::string surcharge(header.cell(row, "surcharge"));
  if (!surcharge.empty()) {
    if (!table.surcharges.emplace(std::pair(carrier, surcharge), *price).second)
      return fail(
          header.at(row, "surcharge", Error{ErrorKind::bad_input, "a second price of this surcharge"}));
    return {};
  }
  SIGNALBOX_TRY(const std::int64_t pounds, header.integer(row, "lb", 1, kMaxRatedPounds));
  Service& service = service_of(table, carrier, std::string(header.cell(row, "service")),
                                std::string(header.cell(row, "zone")));
  const std::size_t at = static_cast<std::size_t>(pounds);
  if (service.by_lb.size() <= at) service.by_lb.resize(at + 1);
  if (service.by_lb[at])
    return fail(header.at(row, "lb", Error{ErrorKind::bad_input, "a second price of this weight"}));
  service.by_lb[at] = *price;
  return {};
}

void finish(Service& service, std::vector<std::string>& warnings) {
  service.least_from.assign(service.by_lb.size() + 1, std::numeric_limits<Money>::max());
  for (std::size_t i = service.by_lb.size(); i-- > 0;)
    service.least_from[i] =
        std::min(service.least_from[i + 1], service.by_lb[i].value_or(std::numeric_limits<Money>::max()));
  for (std::size_t i = 1; i < service.by_lb.size(); ++i)
    if (service.by_lb[i] && service.least_from[i] < *service.by_lb[i])
      warnings.push_back(fmt::format("{} {} to zone {}: {} lb cost {}, something heavier {}",
                                     printable(service.carrier), printable(service.name),
                                     printable(service.zone), i, money_text(*service.by_lb[i]),
                                     money_text(service.least_from[i])));
}

const RulePack* rules_of_carrier(std::span<const RulePack> rules, std::string_view carrier) {
  for (const RulePack& each : rules)
    if (each.carrier == carrier) return &each;
  return nullptr;
}

// Nothing where a surcharge has no price.
std::optional<Money> of_surcharges(const RateTable& rates, const std::string& carrier, const Bill& bill) {
  Money out = 0;
  for (const BilledSurcharge& each : bill.surcharges) {
    const auto found = rates.surcharges.find({carrier, each.id});
    if (found == rates.surcharges.end()) return std::nullopt;
    out += found->second;
  }
  return out;
}

}  // namespace

Result<RateTable> read_rates(std::string_view text, std::string_view name) {
  SIGNALBOX_TRY(const CsvSheet sheet, read_csv_sheet(text, name, kColumns, {"carrier", "lb", "price"}));
  RateTable out;
  for (const CsvRow& row : sheet.rows) SIGNALBOX_CHECK(read_row(sheet.header, row, out));
  if (out.services.empty())
    return fail(ErrorKind::bad_input, fmt::format("{}: no price of a weight in it", name));
  for (Service& each : out.services) finish(each, out.warnings);
  return out;
}

std::optional<Priced> least_price(const RateTable& rates, std::span<const RulePack> rules,
                                  std::string_view zone, const Size& outer, Mass weight, Account account) {
  std::optional<Priced> best;
  for (const Service& service : rates.services) {
    const RulePack* pack = rules_of_carrier(rules, service.carrier);
    if (!pack || service.zone != zone) continue;
    Bill bill = bill_of(*pack, outer, weight, account);
    const std::size_t pounds = static_cast<std::size_t>(bill.billed_lb);
    if (!bill.over_maximum.empty() || pounds >= service.by_lb.size() || !service.by_lb[pounds]) continue;
    const auto surcharges = of_surcharges(rates, service.carrier, bill);
    if (!surcharges) continue;
    const Money money = *service.by_lb[pounds] + *surcharges;
    if (!best || money < best->money) best = Priced{service.carrier, service.name, std::move(bill), money};
  }
  return best;
}

std::optional<Money> price_of(const RateTable& rates, std::string_view carrier, std::string_view service,
                              std::string_view zone, const Bill& bill) {
  const std::size_t pounds = static_cast<std::size_t>(bill.billed_lb);
  for (const Service& each : rates.services) {
    if (each.carrier != carrier || each.name != service || each.zone != zone) continue;
    const auto surcharges = of_surcharges(rates, each.carrier, bill);
    if (!bill.over_maximum.empty() || pounds >= each.by_lb.size() || !each.by_lb[pounds] || !surcharges)
      return std::nullopt;
    return *each.by_lb[pounds] + *surcharges;
  }
  return std::nullopt;
}

Money least_price_of_size(const RateTable& rates, std::span<const RulePack> rules, std::string_view zone,
                          const Size& outer, Account account) {
  Money best = std::numeric_limits<Money>::max();
  for (const Service& service : rates.services) {
    const RulePack* pack = rules_of_carrier(rules, service.carrier);
    if (!pack || service.zone != zone) continue;
    const Bill bill = bill_of(*pack, outer, 0, account);
    if (static_cast<std::size_t>(bill.billed_lb) < service.least_from.size())
      best = std::min(best, service.least_from[static_cast<std::size_t>(bill.billed_lb)]);
  }
  return best;
}

std::string money_text(Money money) {
  const Money cents = ((money < 0 ? -money : money) + 5'000) / 10'000;
  return fmt::format("{}{}.{:02}", money < 0 && cents > 0 ? "-" : "", cents / 100, cents % 100);
}

}  // namespace signalbox::pack
