#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "instruments/train/judges/metric_judge.hpp"
#include "instruments/train/judges/sequential.hpp"

namespace signalbox::train::judges {
namespace {

constexpr std::size_t kMaxSteps = 64;  // weights of a plan; more are taken for the last

// e to the power of `log_e` for people: "130", "2.1e+08", "0.02".
std::string e_value(double log_e) {
  return fmt::format("{:.3g}", std::exp(log_e));
}

std::string percent(double part, double whole) {
  return whole > 0 ? fmt::format("{:.3g} %", 100 * part / whole) : "none";
}

class SequentialJudge final : public MetricJudge {
 public:
  explicit SequentialJudge(const SequentialRule& rule) : rule_(rule) {}

  void begin_step(double weight) override {
    if (steps_.size() < kMaxSteps) steps_.emplace_back(weight, rule_.tolerated);
  }

  void look(const Window&, const CountPair& counts) override {
    steps_.back().add(counts);
    log_e_ = 0;
    for (const Tally& step : steps_) log_e_ += step.log_e_worse();
    breached_ = breached_ || log_e_ >= -std::log(rule_.alpha);
  }
  void look(const Window&, const SamplePair&) override {}

  Opinion opinion(Moment moment) const override {
    const Tally& step = steps_.back();
    const double log_e_tolerable = step.log_e_tolerable();
    Opinion out;
    out.figures = Json::object({{"x", step.bad_canary()},
                                {"m", step.bad()},
                                {"p0", step.share()},
                                {"requests_canary", step.requests_canary()},
                                {"requests_baseline", step.requests_baseline()},
                                {"log_e", log_e_},
                                {"log_e_step", step.log_e_worse()},
                                {"log_e_tolerable", log_e_tolerable},
                                {"log_limit", -std::log(rule_.alpha)}});
    const std::string seen = fmt::format(
        "{} of {} bad requests are the canary's, which has {} of the traffic; e-value {}, limit {:.4g}",
        step.bad_canary(), step.bad(), percent(step.share(), 1), e_value(log_e_), 1 / rule_.alpha);
    if (breached_) return with(std::move(out), Standing::breach, "worse than the baseline: " + seen);
    const double fewest = std::min(step.requests_canary(), step.requests_baseline());
    const bool measured = fewest >= rule_.min_requests;
    if (measured && log_e_tolerable >= -std::log(rule_.beta)) {
      return with(std::move(out), Standing::good_enough,
                  fmt::format("not {:.3g} times worse (e-value {}): {}", rule_.tolerated,
                              e_value(log_e_tolerable), seen));
    }
    if (moment == Moment::during_hold) return with(std::move(out), Standing::undecided, seen);
    if (!measured) {
      return with(std::move(out), Standing::inconclusive,
                  fmt::format("{:.4g} requests on the side that had fewer; {:.4g} are needed", fewest,
                              rule_.min_requests));
    }
    return with(std::move(out), Standing::good_enough, "no evidence that it is worse: " + seen);
  }

 private:
  static Opinion with(Opinion opinion, Standing standing, std::string why) {
    opinion.standing = standing;
    opinion.why = std::move(why);
    return opinion;
  }

  SequentialRule rule_;
  std::vector<Tally> steps_;
  double log_e_ = 0;
  bool breached_ = false;  // once reached, the limit stays reached
};

}  // namespace

std::unique_ptr<MetricJudge> make_sequential_judge(const SequentialRule& rule) {
  return std::make_unique<SequentialJudge>(rule);
}

}  // namespace signalbox::train::judges
