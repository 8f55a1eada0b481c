// Key figures of packing by day or week, and of what: station, family, carrier.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "instruments/pack/bill/rates.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

// What became of one package of a plan.
struct PackedParcel {
  std::string order;
  std::size_t package = 0;  // from 0
  Day day;
  std::string station;
  std::string family;
  std::string carrier;
  std::string box;              // that was taken
  std::string reason;           // why another than the recommended
  std::optional<bool> damaged;  // nothing: the file has no such column
  std::optional<bool> returned;
  std::optional<std::int64_t> invoiced_lb;
  std::optional<Money> cost;
  std::optional<Mass> weight;                     // as weighed, with the box
  std::optional<std::chrono::milliseconds> took;  // to pack it
  std::vector<std::size_t> left_out;              // units of the plan that are not in it
};

// CSV with the columns order, day, box, and package (from 1), station, family, carrier, reason, damaged,
// returned, invoiced (pounds, as invoiced_lb), cost, weight (as weighed), seconds. Errors: bad_input with the
// place.
Result<std::vector<PackedParcel>> read_packed(std::string_view text, std::string_view name);

// Sums over parcels, and what they give.
struct KeyFigures {
  std::int64_t parcels = 0;
  std::int64_t orders = 0;
  std::int64_t units = 0;
  double contents_l = 0;
  double inner_l = 0;
  double fills = 0;       // sum over orders of contents over boxes
  double line_fills = 0;  // sum over lines of the volume of the line over the order's boxes
  std::int64_t lines = 0;
  std::int64_t dim_parcels = 0;  // dimensional weight over actual
  std::int64_t billed_lb = 0;
  double actual_lb = 0;
  double board_m2 = 0;
  std::int64_t as_recommended = 0;
  std::int64_t without_reason = 0;  // another box, and none said why
  std::int64_t damaged = 0;
  std::int64_t returned = 0;
  std::int64_t damage_told = 0;  // parcels of which it is known
  std::int64_t return_told = 0;
  std::int64_t invoiced = 0;
  std::int64_t adjusted = 0;  // invoiced above what was predicted
  std::int64_t priced_units = 0;
  Money cost = 0;
  std::int64_t left_out = 0;  // units
  std::int64_t timed = 0;     // parcels of which it is known how long they took
  double seconds = 0;

  // What was measured of nothing is not known: it is not 0.
  using Known = std::optional<double>;
  static Known over(double sum, double of) { return of > 0 ? Known(sum / of) : std::nullopt; }
  static Known over(std::int64_t count, std::int64_t of) {
    return over(static_cast<double>(count), static_cast<double>(of));
  }
  Known cube_order_avg() const { return over(fills, static_cast<double>(orders)); }
  Known cube_by_volume() const { return over(contents_l, inner_l); }
  Known line_avg() const { return over(line_fills, static_cast<double>(lines)); }
  Known billed_ratio() const { return over(static_cast<double>(billed_lb), actual_lb); }
  Known board_ft2_a_unit() const;
};

enum class Period { all, day, week };  // a week begins on Monday and is called by it
enum class By { nothing, station, family, carrier };

struct KpiAnswer {
  std::map<std::pair<std::string, std::string>, KeyFigures> rows;  // (period, of what)
  std::size_t unknown = 0;                                         // parcels of which there is no plan
  std::size_t unknown_boxes = 0;  // parcels in a box whose sides are not known
};

// Billed is by the rules of the parcel's day and the box that was taken, where the plan's boxes or `boxes`
// have it, else the recommended one. An order counts on the day of its first parcel. Errors: unavailable
// where no rule holds.
Result<KpiAnswer> key_figures(std::span<const PackedParcel> packed, std::span<const PlanDocument> plans,
                              std::span<const Box> boxes, const std::vector<RulePack>& rules,
                              const std::string& carrier, Account account, Period period, By by);

}  // namespace signalbox::pack
