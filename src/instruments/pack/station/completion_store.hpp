// Packages that were packed, as they were told: durable when `add` has answered.
#pragma once

#include <string>
#include <vector>

#include "core/store/database.hpp"
#include "instruments/pack/station/completion.hpp"

namespace signalbox::pack {

class CompletionStore {
 public:
  explicit CompletionStore(store::Database& database) : database_(database) {}

  // The same told again is what is there already. Errors: conflict where the key was used for something else,
  // or the package of that plan is packed already.
  struct Added {
    Completion completion;
    bool is_new = false;
  };
  Result<Added> add(const Completion& completion);

  Result<std::vector<Completion>> of_plan(const std::string& plan);  // by package
  // The newest first, of one order or, where that is empty, of all.
  Result<std::vector<Completion>> list(const std::string& order, std::int64_t most);
  Result<std::vector<Completion>> all();  // the oldest first

  struct Totals {
    std::int64_t parcels = 0;
    std::int64_t as_recommended = 0;
    std::int64_t left_out = 0;  // units
    std::int64_t took_ms = 0;   // of all together
  };
  Result<Totals> totals();

 private:
  Result<std::vector<Completion>> read(const std::string& where, const std::vector<store::Value>& values);

  store::Database& database_;
};

}  // namespace signalbox::pack
