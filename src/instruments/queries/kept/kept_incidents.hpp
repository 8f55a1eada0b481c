// Incidents: spans of time that somebody looked into, and what was known of them when they ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"

namespace signalbox::queries {

struct Incident {
  std::int64_t id = 0;
  std::string name;
  Time began{};
  std::optional<Time> ended;  // nullopt: it goes on
  // What was written when it ended, which stays when the windows that it is of are forgotten.
  std::string ticket;  // Markdown
  std::string bundle;  // JSON
};

// Neither the database nor its tables are its own. One thread at a time.
class KeptIncidents {
 public:
  explicit KeptIncidents(store::Database& database) : database_(database) {}

  Result<Incident> start(std::int64_t server, std::string_view name, Time began);
  Status stop(const Incident& incident);                    // with its end, ticket and bundle
  Result<std::vector<Incident>> list(std::int64_t server);  // by number, without tickets and bundles
  // nullopt: the newest. not_found.
  Result<Incident> find(std::int64_t server, std::optional<std::int64_t> id);

 private:
  store::Database& database_;
};

}  // namespace signalbox::queries
