#include <cmath>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "instruments/train/judges/metric_judge.hpp"

namespace signalbox::train::judges {
namespace {

// Of the values that are there; nothing where none is.
std::optional<double> mean_of(const std::vector<double>& values) {
  double sum = 0;
  double count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

// The part of requests that was bad; nothing where there were none.
std::optional<double> share_of(const Counts& counts) {
  if (!(counts.requests > 0)) return std::nullopt;
  return counts.bad / counts.requests;
}

double ratio_of(double canary, double baseline) {
  if (baseline != 0) return canary / baseline;
  return canary == 0 ? 1 : std::numeric_limits<double>::infinity();
}

class ThresholdJudge final : public MetricJudge {
 public:
  explicit ThresholdJudge(const ThresholdRule& rule) : rule_(rule) {}

  void begin_step(double) override {}

  void look(const Window& window, const CountPair& counts) override {
    judge(window, share_of(counts.canary), share_of(counts.baseline));
  }
  void look(const Window& window, const SamplePair& samples) override {
    judge(window, mean_of(samples.canary), mean_of(samples.baseline));
  }

  Opinion opinion(Moment moment) const override {
    const bool above = rule_.side == ThresholdRule::Side::above;
    const std::string limit = fmt::format("{} {:.4g}{}", above ? "above" : "below", rule_.limit,
                                          rule_.of == ThresholdRule::Of::baseline ? " of the baseline" : "");
    Opinion out;
    out.figures = Json::object({{"value", value_ && std::isfinite(*value_) ? Json(*value_) : Json()},
                                {"limit", rule_.limit},
                                {"clear", rule_.clear},
                                {"crossed_s", static_cast<double>(crossed_.count()) / 1000}});
    if (!value_) {
      out.standing = moment == Moment::during_hold ? Standing::undecided : Standing::inconclusive;
      out.why = "nothing was measured yet";
    } else if (crossed_since_ && crossed_ >= rule_.lasting) {
      out.standing = Standing::breach;
      out.why = fmt::format("{:.4g} is {}, for {}", *value_, limit, to_text(crossed_));
    } else if (crossed_since_) {
      out.standing = moment == Moment::during_hold ? Standing::undecided : Standing::inconclusive;
      out.why = fmt::format("{:.4g} is {}, for {} of {}", *value_, limit, to_text(crossed_),
                            to_text(rule_.lasting));
    } else {
      out.standing = Standing::good_enough;
      out.why = fmt::format("{:.4g} is not {}", *value_, limit);
    }
    return out;
  }

 private:
  bool is_beyond(double value, double line) const {
    return rule_.side == ThresholdRule::Side::above ? value > line : value < line;
  }

  // A limit on the canary's own value asks for no baseline.
  void judge(const Window& window, std::optional<double> canary, std::optional<double> baseline) {
    const bool is_relative = rule_.of == ThresholdRule::Of::baseline;
    if (!canary || (is_relative && !baseline)) return;
    value_ = is_relative ? ratio_of(*canary, *baseline) : *canary;
    if (crossed_since_ ? !is_beyond(*value_, rule_.clear) : !is_beyond(*value_, rule_.limit)) {
      crossed_since_.reset();
    } else if (!crossed_since_) {
      crossed_since_ = window.start;
    }
    crossed_ = crossed_since_ ? window.end - *crossed_since_ : Duration{};
  }

  ThresholdRule rule_;
  std::optional<double> value_;
  std::optional<Time> crossed_since_;
  Duration crossed_{};
};

}  // namespace

std::unique_ptr<MetricJudge> make_threshold_judge(const ThresholdRule& rule) {
  return std::make_unique<ThresholdJudge>(rule);
}

}  // namespace signalbox::train::judges
