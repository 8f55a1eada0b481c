// Plans that stay: what the console and its board show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/config/workspace.hpp"
#include "core/store/database.hpp"
#include "instruments/pack/bill/billing.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

std::vector<store::Migration> kept_migrations();

// The workspace's store, or `store`, with the tables of this instrument.
Result<std::unique_ptr<store::Database>> open_plan_store(const Workspace& workspace,
                                                         const std::string& store);

// What a list tells of a plan.
struct KeptPlan {
  std::string id;
  std::string order;
  std::string boxes;  // their SKUs in order, with commas
  std::int64_t packages = 0;
  std::int64_t units = 0;
  double fill = 0;  // contents over the insides of its boxes
  std::int64_t billed_lb = 0;
  std::int64_t actual_lb = 0;
  std::int64_t dim_packages = 0;  // billed by their size
  double board_m2 = 0;
  std::string proof;
  Time made;
};
KeptPlan kept_plan(const PlanDocument& document, const RulePack& rules, Account account, Time made);
Json to_json(const KeptPlan& plan);

// What a first year is to bring: so many percent fewer billed pounds an order than before.
struct FirstYearTarget {
  std::int64_t from_day = 0;  // days since 1970-01-01
  double baseline_lb = 0;     // billed for an order, in the mean, before
  double percent = 0;
};

class PlanStore {
 public:
  explicit PlanStore(store::Database& database) : database_(database) {}

  // In one transaction; a plan that is there already is replaced.
  Status put(const std::vector<std::pair<KeptPlan, std::string>>& plans);  // with their documents as JSON

  enum class Sorting { newest, emptiest, dearest };
  Result<std::vector<KeptPlan>> list(Sorting sorting, const std::string& order, std::int64_t most);
  Result<std::string> document(const std::string& id);  // not_found

  // The same text as long as nothing changed, another one as soon as plans were kept, however fast.
  Result<std::string> state();

  struct Totals {
    std::int64_t plans = 0;
    std::int64_t packages = 0;
    std::int64_t units = 0;
    std::int64_t billed_lb = 0;
    std::int64_t actual_lb = 0;
    std::int64_t dim_packages = 0;
    double board_m2 = 0;
    double fill = 0;                                          // mean of orders
    std::vector<std::int64_t> fills;                          // plans by fill, in tenths
    std::vector<std::pair<std::string, std::int64_t>> boxes;  // plans by their boxes, the most used first
  };
  Result<Totals> totals();

  Status set_target(const FirstYearTarget& target);
  // None was set: nothing.
  Result<std::optional<FirstYearTarget>> target();
  // Plans that were kept from that day on: how many, and pounds billed.
  Result<std::pair<std::int64_t, std::int64_t>> since(std::int64_t day);

 private:
  store::Database& database_;
};

}  // namespace signalbox::pack
