#include "instruments/pack/measure/experiment.hpp"

#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/stats/beta.hpp"
#include "core/stats/student.hpp"
#include "instruments/pack/read/csv.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t drawn(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

Arm other(Arm arm) {
  return arm == Arm::control ? Arm::treatment : Arm::control;
}

struct Stratum {
  double cost = 0;
  double treated = 0;
  double parcels = 0;
};

Status clusters_have_one_arm(std::span<const Observation> observations) {
  std::map<std::string, Arm> arms;
  std::set<std::string> control;
  std::set<std::string> treatment;
  for (const Observation& each : observations) {
    const auto [found, is_new] = arms.emplace(each.cluster, each.arm);
    if (!is_new && found->second != each.arm)
      return fail(ErrorKind::bad_input,
                  fmt::format("the shift '{}' is in both arms", printable(each.cluster)),
                  "an arm is of whole shifts");
    (each.arm == Arm::control ? control : treatment).insert(each.cluster);
  }
  if (control.size() < 2 || treatment.size() < 2)
    return fail(ErrorKind::bad_input,
                fmt::format("{} shifts of control and {} of treatment say nothing of the spread of shifts",
                            control.size(), treatment.size()),
                "two of each at least");
  return {};
}

}  // namespace

std::string_view name_of(Arm arm) {
  return arm == Arm::control ? "control" : "treatment";
}

std::string PlannedShift::cluster() const {
  return fmt::format("{} {} {}", to_text(day), station, shift);
}

std::vector<PlannedShift> shift_schedule(const std::vector<std::string>& stations,
                                         const std::vector<std::string>& shifts, Day from, std::int64_t days,
                                         std::uint64_t seed) {
  std::vector<PlannedShift> out;
  std::uint64_t state = seed;
  for (const std::string& station : stations)
    for (const std::string& shift : shifts) {
      Arm arm = Arm::control;
      for (std::int64_t day = 0; day < days; ++day) {
        arm = day % 2 == 0 ? (drawn(state) >> 63 ? Arm::treatment : Arm::control) : other(arm);
        out.push_back({from + std::chrono::days(day), station, shift, arm});
      }
    }
  return out;
}

Result<Effect> effect_of(std::span<const Observation> observations, double confidence) {
  SIGNALBOX_CHECK(clusters_have_one_arm(observations));
  std::map<std::string, Stratum> strata;
  for (const Observation& each : observations) {
    Stratum& stratum = strata[each.stratum];
    stratum.cost += each.cost;
    stratum.treated += each.arm == Arm::treatment ? 1 : 0;
    ++stratum.parcels;
  }
  const auto has_both = [](const Stratum& it) { return it.treated > 0 && it.treated < it.parcels; };
  Effect out;
  double cross = 0;
  double squares = 0;
  std::size_t used = 0;
  double control_cost = 0;
  double control_parcels = 0;
  for (const auto& [name, stratum] : strata) used += has_both(stratum) ? 1 : 0;
  if (used == 0)
    return fail(ErrorKind::bad_input, "no carrier and zone has parcels of both arms",
                "parcels are held beside those of the same carrier and zone");
  // Cost and arm less the means of the stratum: what is left is what the stratum does not explain.
  for (const Observation& each : observations) {
    const Stratum& stratum = strata[each.stratum];
    if (!has_both(stratum)) {
      ++out.left_out;
      continue;
    }
    ++out.parcels;
    const double arm = (each.arm == Arm::treatment ? 1 : 0) - stratum.treated / stratum.parcels;
    cross += arm * (each.cost - stratum.cost / stratum.parcels);
    squares += arm * arm;
    if (each.arm == Arm::control) {
      control_cost += each.cost;
      ++control_parcels;
    }
  }
  out.control_mean = control_cost / control_parcels;
  out.difference = cross / squares;
  std::map<std::string, double> scores;
  for (const Observation& each : observations) {
    const Stratum& stratum = strata[each.stratum];
    if (!has_both(stratum)) continue;
    const double arm = (each.arm == Arm::treatment ? 1 : 0) - stratum.treated / stratum.parcels;
    scores[each.cluster] += arm * (each.cost - stratum.cost / stratum.parcels - out.difference * arm);
  }
  out.clusters = scores.size();
  double sum = 0;
  for (const auto& [cluster, score] : scores) sum += score * score;
  const double n = static_cast<double>(out.parcels);
  const double groups = static_cast<double>(out.clusters);
  const double parameters = static_cast<double>(used) + 1;
  if (groups < 2 || n <= parameters)
    return fail(ErrorKind::bad_input, "too few parcels in carriers and zones that both arms have");
  out.standard_error =
      std::sqrt(sum / (squares * squares) * (groups / (groups - 1)) * ((n - 1) / (n - parameters)));
  out.freedom = groups - 1;
  const double half = stats::student_quantile(0.5 + confidence / 2, out.freedom) * out.standard_error;
  out.interval = {out.difference - half, out.difference + half};
  out.p_value = out.standard_error > 0
                    ? stats::student_two_sided(out.difference / out.standard_error, out.freedom)
                : out.difference == 0 ? 1
                                      : 0;
  return out;
}

double alpha_of_look(double alpha, int look, int looks) {
  const auto spent = [&](int by) {
    if (by == 0) return 0.0;
    const double part = static_cast<double>(by) / looks;
    return 2 * stats::normal_below(-stats::normal_quantile(1 - alpha / 2) / std::sqrt(part));
  };
  return spent(look) - spent(look - 1);
}

double non_inferiority_p(std::int64_t damaged_new, std::int64_t shipped_new, std::int64_t damaged_old,
                         std::int64_t shipped_old, double margin) {
  if (damaged_old == 0) return 1;
  const double exposed = static_cast<double>(shipped_new) * margin;
  const double share = exposed / (exposed + static_cast<double>(shipped_old));
  // P(X <= k) of n with that share is 1 - I_share(k + 1, n - k).
  return std::exp(
      stats::log_beta_above(share, static_cast<double>(damaged_new) + 1, static_cast<double>(damaged_old)));
}

Result<std::vector<Observation>> read_observations(std::string_view text, std::string_view name) {
  static const std::vector<std::string_view> kColumns{"day",  "station", "shift",   "arm",     "carrier",
                                                      "zone", "cost",    "damaged", "returned"};
  SIGNALBOX_TRY(const CsvSheet sheet, read_csv_sheet(text, name, kColumns, {"day", "shift", "arm", "cost"}));
  if (sheet.rows.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no parcel in it", name));
  std::vector<Observation> out;
  const CsvHeader& header = sheet.header;
  for (const CsvRow& row : sheet.rows) {
    const auto cell = [&](std::string_view column) { return std::string(trim(header.cell(row, column))); };
    Observation next;
    const auto day = day_from(cell("day"));
    if (!day) return fail(header.at(row, "day", day.error()));
    next.cluster = PlannedShift{*day, cell("station"), cell("shift"), {}}.cluster();
    next.stratum = cell("carrier") + "\x1f" + cell("zone");
    const std::string arm = cell("arm");
    if (arm != "control" && arm != "treatment")
      return fail(header.at(row, "arm", Error{ErrorKind::bad_input, "an arm is control or treatment"}));
    next.arm = arm == "control" ? Arm::control : Arm::treatment;
    const auto cost = cost_from(cell("cost"));
    if (!cost) return fail(header.at(row, "cost", cost.error()));
    next.cost = static_cast<double>(*cost) / 1e6;
    SIGNALBOX_TRY(next.damaged, header.flag(row, "damaged"));
    SIGNALBOX_TRY(next.returned, header.flag(row, "returned"));
    out.push_back(std::move(next));
  }
  return out;
}

}  // namespace signalbox::pack
