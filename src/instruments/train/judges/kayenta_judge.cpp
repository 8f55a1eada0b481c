#include <cmath>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "instruments/train/judges/metric_judge.hpp"

namespace signalbox::train::judges {
namespace {

constexpr std::size_t kMaxSamples = 100'000;                 // of each side; later ones are left out
constexpr Duration kSampleLength = std::chrono::minutes(1);  // of counts that become one sample of a rate

double rate_of(const Counts& counts) {
  return counts.requests > 0 ? counts.bad / counts.requests : std::numeric_limits<double>::quiet_NaN();
}

void add(Counts& to, const Counts& counts) {
  to.requests += counts.requests;
  to.bad += counts.bad;
}

void append(std::vector<double>& to, const std::vector<double>& values) {
  for (const double value : values) {
    if (to.size() < kMaxSamples) to.push_back(value);
  }
}

// Gathers the samples of one hold. The judgement is made once, when the hold is over: each further look would
// add false alarms (bench/run canary).
class KayentaJudge final : public MetricJudge {
 public:
  explicit KayentaJudge(KayentaRule rule) : rule_(std::move(rule)) {}

  void begin_step(double) override {
    samples_ = {};
    pending_.reset();
  }

  void look(const Window& window, const CountPair& counts) override {
    if (!pending_) pending_ = Pending{window.start, {}};
    add(pending_->counts.baseline, counts.baseline);
    add(pending_->counts.canary, counts.canary);
    if (window.end - pending_->start < kSampleLength) return;
    look(window, SamplePair{{rate_of(pending_->counts.baseline)}, {rate_of(pending_->counts.canary)}});
    pending_.reset();
  }

  void look(const Window&, const SamplePair& samples) override {
    append(samples_.baseline, samples.baseline);
    append(samples_.canary, samples.canary);
  }

  Opinion opinion(Moment moment) const override {
    if (moment == Moment::during_hold) {
      return {Standing::undecided,
              fmt::format("{} and {} samples; judged when the hold is over", samples_.baseline.size(),
                          samples_.canary.size()),
              Json::object()};
    }
    const ClassifiedMetric classified = classify(rule_, samples_.baseline, samples_.canary);
    return {Standing::undecided, why_of(classified), figures_of(classified), classified};
  }

 private:
  struct Pending {
    Time start;
    CountPair counts;
  };

  static std::string why_of(const ClassifiedMetric& classified) {
    const std::string name(name_of(classified.classification));
    if (!classified.shift) return name;
    return fmt::format("{}: shifted by {:.4g} ({:.4g} to {:.4g} at {:.0f} %)", name, *classified.shift,
                       classified.shift_lower, classified.shift_upper, 100 * kKayentaConfidence);
  }

  static Json figures_of(const ClassifiedMetric& classified) {
    const bool has_ratio = std::isfinite(classified.mean_ratio);
    return Json::object({{"classification", name_of(classified.classification)},
                         {"mean_ratio", has_ratio ? Json(classified.mean_ratio) : Json()},
                         {"shift", classified.shift ? Json(*classified.shift) : Json()},
                         {"shift_lower", classified.shift_lower},
                         {"shift_upper", classified.shift_upper}});
  }

  KayentaRule rule_;
  SamplePair samples_;
  std::optional<Pending> pending_;
};

}  // namespace

std::unique_ptr<MetricJudge> make_kayenta_judge(const KayentaRule& rule) {
  return std::make_unique<KayentaJudge>(rule);
}

}  // namespace signalbox::train::judges
