// Programs whose costs are known, sampled as a profiler would: for tests and benches of the regression check.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "instruments/profile/analysis/check.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile::simulation {

// A program of functions below main, in modules of five: main;module_I;function_J. `weights` are their
// expected samples in one run.
struct Program {
  std::vector<double> weights;

  // Costs fall as those of real programs do: few large ones, many small.
  static Program typical(std::size_t functions, double samples) {
    Program out;
    double sum = 0;
    for (std::size_t i = 0; i < functions; ++i) {
      out.weights.push_back(1 / (1.0 + 0.35 * static_cast<double>(i)));
      sum += out.weights.back();
    }
    for (double& weight : out.weights) weight *= samples / sum;
    return out;
  }
  Program slower(std::size_t function, double factor) const {
    Program out = *this;
    out.weights[function] *= factor;
    return out;
  }
  Program uniformly_slower(double factor) const {
    Program out = *this;
    for (double& weight : out.weights) weight *= factor;
    return out;
  }
};

// How runs of one program differ: relative standard deviations.
struct Noise {
  double of_run = 0.01;       // the whole run, by the machine
  double of_function = 0.01;  // each function by itself
};

inline Profile run(const Program& program, const Noise& noise, std::mt19937_64& random) {
  constexpr std::int64_t kPeriod_ns = 1'000'000;
  constexpr std::size_t kFunctionsOfModule = 5;
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  builder.profile().default_value = 1;
  builder.profile().period_type = {"cpu", "nanoseconds"};
  builder.profile().period = kPeriod_ns;
  const StackId main = builder.stack(0, builder.frame({builder.function("main")}));
  std::normal_distribution<double> normal;
  const double of_run = std::exp(noise.of_run * normal(random));
  for (std::size_t i = 0; i < program.weights.size(); ++i) {
    const double mean = program.weights[i] * of_run * std::exp(noise.of_function * normal(random));
    const auto samples = static_cast<std::int64_t>(std::poisson_distribution<std::int64_t>(mean)(random));
    const std::string module = "module_" + std::to_string(i / kFunctionsOfModule);
    const StackId parent = builder.stack(main, builder.frame({builder.function(module)}));
    const StackId stack =
        builder.stack(parent, builder.frame({builder.function("function_" + std::to_string(i))}));
    const std::int64_t values[] = {samples, samples * kPeriod_ns};
    if (samples > 0) builder.add({stack}, values);
  }
  return std::move(builder).finish();
}

// The check of `runs` of each program, each run doing one unit of work. Without work where `basis` is
// composition.
inline CheckResult checked(const Program& base, const Program& fresh, std::size_t runs, const Noise& noise,
                           const Budgets& budgets, CheckBasis basis, std::mt19937_64& random) {
  std::vector<Profile> profiles;
  for (std::size_t i = 0; i < 2 * runs; ++i) profiles.push_back(run(i < runs ? base : fresh, noise, random));
  CheckSide sides[2];
  for (std::size_t i = 0; i < profiles.size(); ++i)
    sides[i / runs].runs.push_back({"run " + std::to_string(i), &profiles[i]});
  if (basis == CheckBasis::work) sides[0].work = sides[1].work = std::vector<double>(runs, 1);
  return check(sides[0], sides[1], budgets, {}).value();
}

}  // namespace signalbox::profile::simulation
