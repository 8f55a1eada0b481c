#include "instruments/queries/statements/counters.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace signalbox::queries {
namespace {

// Rounding of the server's own sums, relative to them.
constexpr double kRounding = 1e-9;

bool any_fell(const Counters& before, const Counters& after) {
  const bool counts =
      std::any_of(std::begin(kCountColumns), std::end(kCountColumns),
                  [&](const auto& column) { return after.*column.field < before.*column.field; });
  // The sum of squares is computed here from a rounded deviation and may fall a little.
  return counts || std::any_of(std::begin(kTimeColumns), std::end(kTimeColumns), [&](const auto& column) {
           return column.field != &Counters::exec_m2_ms2 &&
                  after.*column.field < before.*column.field * (1 - kRounding);
         });
}

double m2_between(const Counters& before, const Counters& after, std::int64_t calls, double total_ms) {
  if (calls <= 1) return 0;
  double m2 = after.exec_m2_ms2;
  if (before.calls > 0) {
    const double distance = total_ms / static_cast<double>(calls) - mean_exec_ms(before);
    const double weight =
        static_cast<double>(before.calls) * static_cast<double>(calls) / static_cast<double>(after.calls);
    m2 -= before.exec_m2_ms2 + weight * distance * distance;
  }
  return m2 < kRounding * after.exec_m2_ms2 ? 0 : m2;
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) {
  // The squares of both about their common mean.
  if (calls > 0 && other.calls > 0) {
    const double distance = mean_exec_ms(*this) - mean_exec_ms(other);
    exec_m2_ms2 += distance * distance * static_cast<double>(calls) * static_cast<double>(other.calls) /
                   static_cast<double>(calls + other.calls);
  }
  for (const CountColumn& column : kCountColumns) this->*column.field += other.*column.field;
  for (const TimeColumn& column : kTimeColumns) this->*column.field += other.*column.field;
  return *this;
}

Delta delta_between(const Counters* before, const Counters& after, Continuity continuity) {
  if (before == nullptr) return {after, continuity != Continuity::whole};
  if (continuity == Continuity::reset || any_fell(*before, after)) return {after, true};
  Delta out;
  for (const CountColumn& column : kCountColumns)
    out.counters.*column.field = after.*column.field - before->*column.field;
  for (const TimeColumn& column : kTimeColumns)
    out.counters.*column.field = std::max(0.0, after.*column.field - before->*column.field);
  out.counters.exec_m2_ms2 = m2_between(*before, after, out.counters.calls, out.counters.total_exec_ms);
  return out;
}

double mean_exec_ms(const Counters& counters) {
  return counters.calls == 0 ? 0 : counters.total_exec_ms / static_cast<double>(counters.calls);
}

double stddev_exec_ms(const Counters& counters) {
  return counters.calls == 0 ? 0 : std::sqrt(counters.exec_m2_ms2 / static_cast<double>(counters.calls));
}

double quantile_bound_ms(const Counters& counters, double q) {
  return mean_exec_ms(counters) + stddev_exec_ms(counters) * std::sqrt(q / (1 - q));
}

}  // namespace signalbox::queries
