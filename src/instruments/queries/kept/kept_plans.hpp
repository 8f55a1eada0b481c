// Plans of statements over time, kept without constants: which plan a statement had when.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

// One plan as it was seen.
struct PlanSample {
  std::int64_t id = 0;
  std::int64_t query_id = 0;  // 0: not known
  std::string fingerprint;
  std::string shape;  // shape_hash
  Time at{};
  double duration_ms = 0;  // 0: it was not executed
  std::string source;      // "log", "explain", "given"
  std::string plan;        // JSON or text, without constants
};

// One shape that a statement's plan had.
struct PlanVersion {
  std::string shape;
  Time first{}, last{};
  std::int64_t samples = 0;
  double mean_ms = 0, slowest_ms = 0;
  std::int64_t example = 0;  // id of the slowest sample
};

// A statement whose plan became another.
struct PlanFlip {
  Time at{};
  std::string before, after;                 // shapes
  std::int64_t before_id = 0, after_id = 0;  // samples: the last one before, the first one after
  double before_ms = 0, after_ms = 0;
};

// Neither the database nor its tables are its own. One thread at a time.
class KeptPlans {
 public:
  explicit KeptPlans(store::Database& database) : database_(database) {}

  Status add(std::int64_t server, const std::vector<PlanSample>& samples);
  // Of the statement with this queryid or fingerprint, in the order of time; without their texts.
  Result<std::vector<PlanSample>> list(std::int64_t server, const std::vector<std::int64_t>& query_ids,
                                       const std::string& fingerprint, const Span& span);
  Result<PlanSample> find(std::int64_t server, std::int64_t id);  // not_found
  // The newest sample of each statement that was seen in the span.
  Result<std::vector<PlanSample>> newest(std::int64_t server, const Span& span);
  Status forget_before(std::int64_t server, Time time);

 private:
  store::Database& database_;
};

std::vector<PlanVersion> versions_of(const std::vector<PlanSample>& samples);
std::vector<PlanFlip> flips_of(const std::vector<PlanSample>& samples);  // in the order of time

}  // namespace signalbox::queries
