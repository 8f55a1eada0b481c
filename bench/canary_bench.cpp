// Canaries by simulation: how soon the sequential judge sees that the error rate rose, how often it sees what
// is not there, and the same of Kayenta's test looked at again and again. 400 requests a second, 5 % of them
// to the canary, 0.2 % errors, 15 minutes.
#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/samples.hpp"
#include "instruments/train/judges/kayenta.hpp"
#include "instruments/train/judges/simulation.hpp"

namespace {

namespace judges = signalbox::train::judges;
using judges::simulation::Traffic;
using signalbox::Json;

constexpr int kRuns = 2'000;
constexpr int kHold_s = 900;
constexpr int kSample_s = 10;  // counts that become one sample for Kayenta's test
constexpr int kFirstLook_s = 60;

Traffic with_rate(double canary) {
  Traffic traffic;
  traffic.bad_of_canary = canary;
  return traffic;
}

// When each run was stopped; kHold_s + 1 where it was not.
struct Stops {
  std::vector<int> at_s;
  double share() const {
    return static_cast<double>(std::count_if(at_s.begin(), at_s.end(), [](int s) { return s <= kHold_s; })) /
           kRuns;
  }
  int quantile_s(double part) {
    std::sort(at_s.begin(), at_s.end());
    return at_s[static_cast<std::size_t>(part * (kRuns - 1))];
  }
};

template <class Run>
Stops simulate(Run run) {
  Stops stops;
  for (int i = 0; i < kRuns; ++i) {
    std::mt19937_64 random(static_cast<std::uint64_t>(i) * 7919 + 11);
    stops.at_s.push_back(run(random).value_or(kHold_s + 1));
  }
  return stops;
}

Stops sequential(const Traffic& traffic) {
  return simulate(
      [&](std::mt19937_64& random) { return judges::simulation::seconds_to_breach(random, traffic); });
}

double rate_of(const judges::Counts& counts) {
  return counts.bad / counts.requests;
}

// Two tests of "the canary is higher": Kayenta's, and the plain one of Mann and Whitney at the same
// confidence.
bool kayenta_alarm(const judges::SamplePair& samples) {
  judges::KayentaRule rule;
  rule.direction = judges::KayentaRule::Direction::increase;
  return judges::classify(rule, samples.baseline, samples.canary).classification ==
         judges::Classification::high;
}
bool plain_alarm(const judges::SamplePair& samples) {
  const auto test = signalbox::stats::mann_whitney(samples.canary, samples.baseline);
  return test.z > 0 && test.p_value < 1 - judges::kKayentaConfidence;
}

// A latency that is the same on both sides: a value every ten seconds, log-normal as latencies are.
template <class Alarm>
std::optional<int> latency_run(std::mt19937_64& random, int look_s, Alarm alarm) {
  std::lognormal_distribution<double> latency_s(-2, 0.5);
  judges::SamplePair samples;
  for (int second = kSample_s; second <= kHold_s; second += kSample_s) {
    samples.baseline.push_back(latency_s(random));
    samples.canary.push_back(latency_s(random));
    if (second % look_s == 0 && second >= kFirstLook_s && alarm(samples)) return second;
  }
  return std::nullopt;
}

// Kayenta's test of the rates of each ten seconds so far, looked at every `look_s`.
std::optional<int> kayenta_run(std::mt19937_64& random, const Traffic& traffic, int look_s) {
  judges::SamplePair samples;
  judges::CountPair sum;
  for (int second = 1; second <= kHold_s; ++second) {
    const judges::CountPair counts = judges::simulation::one_second(random, traffic);
    sum.baseline.requests += counts.baseline.requests;
    sum.baseline.bad += counts.baseline.bad;
    sum.canary.requests += counts.canary.requests;
    sum.canary.bad += counts.canary.bad;
    if (second % kSample_s == 0) {
      samples.baseline.push_back(rate_of(sum.baseline));
      samples.canary.push_back(rate_of(sum.canary));
      sum = {};
    }
    if (second % look_s != 0 || second < kFirstLook_s) continue;
    judges::KayentaRule rule;
    rule.direction = judges::KayentaRule::Direction::increase;
    if (judges::classify(rule, samples.baseline, samples.canary).classification ==
        judges::Classification::high)
      return second;
  }
  return std::nullopt;
}

Stops kayenta(const Traffic& traffic, int look_s) {
  return simulate([&](std::mt19937_64& random) { return kayenta_run(random, traffic, look_s); });
}

void tell(const std::string& what, double ours, const std::string& unit, const std::string& better,
          const Json& floor, const Json& goal, const std::string& peer, const Json& peer_value) {
  const bool has_ratio = peer_value.is_number() && peer_value.as_number() > 0;
  fmt::print("{}\n", Json::object({{"bench", "canary"},
                                   {"what", what},
                                   {"ours", ours},
                                   {"unit", unit},
                                   {"better", better},
                                   {"judged", "ours"},
                                   {"floor", floor},
                                   {"goal", goal},
                                   {"peer", peer},
                                   {"peer_value", peer_value},
                                   {"ratio", has_ratio ? Json(ours / peer_value.as_number()) : Json()},
                                   {"command", "bench/run canary"}})
                         .dump());
}

std::string bounds(double share) {
  const auto interval = signalbox::stats::clopper_pearson(share * kRuns, kRuns, 0.95);
  return fmt::format("{:.2f} to {:.2f} % at 95 %", 100 * interval.lower, 100 * interval.upper);
}

}  // namespace

int main() {
  const Traffic same;
  const double false_alarms = sequential(same).share();
  Stops peers[] = {kayenta(same, kHold_s), kayenta(same, 60), kayenta(same, kSample_s)};
  tell(fmt::format("false alarms, a look every second for 15 min ({})", bounds(false_alarms)),
       100 * false_alarms, "%", "lower", 1, 1, "Kayenta's test, a look every minute", 100 * peers[1].share());
  tell("false alarms, beside one look at the end", 100 * false_alarms, "%", "lower", nullptr, nullptr,
       "Kayenta's test, one look after 15 min", 100 * peers[0].share());
  tell("false alarms, beside a look every 10 s", 100 * false_alarms, "%", "lower", nullptr, nullptr,
       "Kayenta's test, a look every 10 s", 100 * peers[2].share());
  for (const int look_s : {kHold_s, 60, kSample_s}) {
    const auto latency = [&](auto alarm) {
      return 100 *
             simulate([&](std::mt19937_64& random) { return latency_run(random, look_s, alarm); }).share();
    };
    const std::string looks =
        look_s == kHold_s ? "one look after 15 min" : fmt::format("a look every {} s", look_s);
    tell("false alarms, beside a latency: Kayenta's, " + looks, 100 * false_alarms, "%", "lower", nullptr,
         nullptr, "Kayenta's test", latency(kayenta_alarm));
    tell("false alarms, beside a latency: plain, " + looks, 100 * false_alarms, "%", "lower", nullptr,
         nullptr, "Mann-Whitney at 98 %", latency(plain_alarm));
  }
  Stops five = sequential(with_rate(0.01));
  Stops five_peer = kayenta(with_rate(0.01), 60);
  tell("error rate 0.2 % to 1 %, median time to the breach", five.quantile_s(0.5), "s", "lower", 60, 60,
       "Kayenta's test, a look every minute", five_peer.quantile_s(0.5));
  tell("error rate 0.2 % to 1 %, time until nine in ten are seen", five.quantile_s(0.9), "s", "lower",
       nullptr, nullptr, "Kayenta's test, a look every minute", five_peer.quantile_s(0.9));
  tell("0.2 % to 1 %, seen within 15 min", 100 * five.share(), "%", "higher", nullptr, 100,
       "Kayenta's test, a look every minute", 100 * five_peer.share());
  Stops two = sequential(with_rate(0.004));
  tell("0.2 % to 0.4 %, seen within 15 min", 100 * two.share(), "%", "higher", 80, 80,
       "Kayenta's test, a look every minute", 100 * kayenta(with_rate(0.004), 60).share());
  return 0;
}
