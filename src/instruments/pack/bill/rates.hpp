// What carriers ask, from the user's own tables: none is in the program.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/pack/bill/billing.hpp"

namespace signalbox::pack {

// Millionths of the user's currency.
using Money = std::int64_t;

struct Service {
  std::string carrier;
  std::string name;
  std::string zone;
  std::vector<std::optional<Money>> by_lb;  // [n]: of a parcel billed n pounds; none: the table has no row
  std::vector<Money> least_from;            // [n]: the least of n pounds and more
};

struct RateTable {
  std::vector<Service> services;
  std::map<std::pair<std::string, std::string>, Money> surcharges;  // (carrier, id of the surcharge)
  std::vector<std::string> warnings;  // rows in which a heavier parcel costs less
};

inline constexpr std::int64_t kMaxRatedPounds = 2000;

// CSV with the columns carrier, service, zone, lb, price, and surcharge: a row has pounds, or the id of a
// surcharge. A row twice, a price that is none, pounds that are no whole number: bad_input with the place.
Result<RateTable> read_rates(std::string_view text, std::string_view name);

// A parcel, priced by the service that asks least.
struct Priced {
  std::string carrier;
  std::string service;
  Bill bill;
  Money money = 0;
};

// Of the services to that zone whose carrier has rules among `rules` and takes the parcel. None: no row for
// it, or a surcharge without a price.
std::optional<Priced> least_price(const RateTable& rates, std::span<const RulePack> rules,
                                  std::string_view zone, const Size& outer, Mass weight, Account account);

// What that service asks for a bill, surcharges included. None: no such service, no row of that weight, or a
// surcharge without a price.
std::optional<Money> price_of(const RateTable& rates, std::string_view carrier, std::string_view service,
                              std::string_view zone, const Bill& bill);

// What no parcel of that size costs less than, whatever it weighs.
Money least_price_of_size(const RateTable& rates, std::span<const RulePack> rules, std::string_view zone,
                          const Size& outer, Account account);

std::string money_text(Money money);  // "12.34", rounded to two places

}  // namespace signalbox::pack
