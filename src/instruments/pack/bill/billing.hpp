// What a carrier bills a parcel by, in whole numbers throughout.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "instruments/pack/bill/rules.hpp"
#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

enum class Account { daily, retail };

struct BilledSurcharge {
  std::string id;
  std::string why;  // "longest side 50 in is over 48 in"
};

struct Bill {
  std::string rule;                        // id of the pack
  std::array<std::int64_t, 3> sides_in{};  // rounded, in the parcel's order
  std::int64_t volume_in3 = 0;
  std::int64_t divisor = 0;
  std::int64_t actual_lb = 0;  // rounded up
  std::int64_t dim_lb = 0;     // 0: does not count
  std::int64_t billed_lb = 0;  // the greatest of the two and of surcharges' minimums
  std::vector<BilledSurcharge> surcharges;
  std::vector<std::string> over_maximum;  // why the carrier does not take it
};

Bill bill_of(const RulePack& rules, const Size& outer, Mass weight, Account account = Account::daily);

// The pounds of that bill alone, without a word: what a search asks many times.
struct BilledPounds {
  std::int64_t lb = 0;
  bool is_taken = true;  // not beyond the carrier's maximum
};
BilledPounds billed_pounds(const RulePack& rules, const Size& outer, Mass weight,
                           Account account = Account::daily);

// How far a parcel is from a threshold that it does not exceed.
struct Distance {
  std::string id;    // of the surcharge, or "maximum"
  std::string what;  // "longest side", "length and girth", "volume", "weight"
  double left = 0;   // that much more and it is exceeded: inches, cubic inches or pounds of what was measured
  std::string unit;  // "in", "in3", "lb"
};
// Nearest of its kind first; a surcharge that is charged already is not told.
std::vector<Distance> distances(const RulePack& rules, const Size& outer, Mass weight,
                                Account account = Account::daily);

// What a side is worth: cut by `by`, it rounds to an inch less.
struct Trim {
  std::size_t side = 0;  // 0 length, 1 width, 2 height
  Length by = 0;
  std::int64_t saved_lb = 0;
  std::vector<std::string> surcharges_saved;
};
std::vector<Trim> trims(const RulePack& rules, const Size& outer, Mass weight,
                        Account account = Account::daily);

}  // namespace signalbox::pack
