// The numbers along an axis: ticks at round steps, and how they are written.
#pragma once

#include <string>
#include <vector>

namespace signalbox::report {

// What one axis shows: `low` < `high`; ticks lie between them at multiples of `step`, which is 1, 2 or 5
// times a power of ten.
struct Axis {
  double low = 0;
  double high = 1;
  double step = 1;
  std::vector<double> ticks;

  double at(double value) const { return (value - low) / (high - low); }  // 0 at low, 1 at high
};

enum class Ends {
  rounded,  // low and high move outwards to the next tick
  exact     // low and high stay; ticks lie inside
};

// The axis that shows `low` to `high` (finite, any order) at the smallest step that needs at most `ticks_max`
// (at least 2) ticks. P. Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990. Where both are the
// same number, or nearer to each other than a double can tell apart well, a tenth of it is added on both
// sides.
Axis nice_axis(double low, double high, int ticks_max, Ends ends);

// A tick as text: as many decimals as the step needs; from 100,000 on with k, M, G or T.
std::string tick_text(double value, const Axis& axis);

// A measured value as text, four significant digits: "12", "0.4571", "1.234e-07".
std::string number_text(double value);

}  // namespace signalbox::report
