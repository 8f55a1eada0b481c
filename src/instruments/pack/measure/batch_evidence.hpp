// What a batch of plans leaves as evidence: https://signalbox.dev/pack/batch/v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/stats/intervals.hpp"

namespace signalbox::pack {

inline constexpr std::string_view kBatchPredicate = "https://signalbox.dev/pack/batch/v1";

// Pounds billed for one order, packed without a plan and with one.
struct BilledTwice {
  std::int64_t before = 0;
  std::int64_t now = 0;
};

struct BatchEvidence {
  std::int64_t orders = 0;
  std::int64_t without_plan = 0;
  std::int64_t unverified = 0;  // plans that the checker does not find valid, read again as they were written
  std::int64_t proven = 0;      // plans of which it is shown that none is better
  std::int64_t boxes = 0;
  double cube_util = 0;        // contents over boxes, mean of orders, 0 to 1
  double dim_penetration = 0;  // parcels billed by their size, 0 to 1
  double billed_ratio = 0;     // billed over actual
  std::int64_t billed_lb = 0;
  std::optional<std::vector<BilledTwice>> baseline;  // of orders with both; none: not asked for
  std::string objective;                             // as plans name it
  std::string support;
  std::string rules;
  std::string rules_on;  // the day
  std::string orders_digest;
  std::string boxes_digest;
};

// Of the mean saving of an order, by pairs: Student's t of the differences. Nothing of fewer than two orders.
std::optional<stats::Interval> saving_interval(const std::vector<BilledTwice>& orders, double confidence);

Json predicate_of(const BatchEvidence& evidence, std::string_view version);

}  // namespace signalbox::pack
