// What was measured on a copy of a database, kept: which indexes it lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"

namespace signalbox::queries {

struct MeasuredAdvice {
  Time at{};
  Json data;  // as `advise --json` has it
};

// Neither the database nor its table is its own. One thread at a time.
class KeptAdvice {
 public:
  explicit KeptAdvice(store::Database& database) : database_(database) {}

  // In the place of what was kept of this database before.
  Status write(std::int64_t server, std::string_view of_database, const MeasuredAdvice& advice);
  Result<std::optional<MeasuredAdvice>> find(std::int64_t server, std::string_view of_database);

 private:
  store::Database& database_;
};

}  // namespace signalbox::queries
