// Half of the shifts with recommendations, half without: which shifts, and what the difference is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/stats/intervals.hpp"
#include "instruments/pack/bill/rules.hpp"

namespace signalbox::pack {

enum class Arm { control, treatment };
std::string_view name_of(Arm arm);

struct PlannedShift {
  Day day;
  std::string station;
  std::string shift;
  Arm arm = Arm::control;

  std::string cluster() const;  // "2026-03-02 A early"
};

// Of each station and shift, of two days that follow one another one is treatment: which, is drawn from the
// seed. The same question has the same schedule on every machine. An odd last day is drawn alone.
std::vector<PlannedShift> shift_schedule(const std::vector<std::string>& stations,
                                         const std::vector<std::string>& shifts, Day from, std::int64_t days,
                                         std::uint64_t seed);

// One parcel of an experiment.
struct Observation {
  std::string cluster;  // the shift that packed it: its parcels are not independent
  std::string stratum;  // carrier and zone: parcels are held beside those of the same alone
  Arm arm = Arm::control;
  double cost = 0;
  bool damaged = false;
  bool returned = false;
};

// Treatment less control.
struct Effect {
  double difference = 0;
  double standard_error = 0;
  double freedom = 0;  // clusters less one
  double p_value = 1;  // two-sided
  stats::Interval interval;
  double control_mean = 0;
  std::size_t parcels = 0;   // in strata that both arms have
  std::size_t left_out = 0;  // in strata that one arm alone has
  std::size_t clusters = 0;
};

// Least squares of the cost on the arm with an effect of each stratum, and the variance that clusters leave
// (CR1: Liang and Zeger 1986, with the factor G/(G-1) (N-1)/(N-K)), t with G-1 degrees of freedom. Errors:
// bad_input where a cluster is in both arms, or no stratum has both, or there are fewer than two clusters of
// an arm.
Result<Effect> effect_of(std::span<const Observation> observations, double confidence);

// What may be spent at the look-th of `looks` looks at equal parts of an experiment, so that all of them
// together err at most with `alpha`: what O'Brien and Fleming's function (Lan and DeMets 1983) spends since
// the look before. Each look is held to its own part alone, which is on the safe side.
double alpha_of_look(double alpha, int look, int looks);

// Whether damage is no more than `margin` times what it was: the chance, were it `margin` times as much, of
// so few damaged among the new ones, given all that were damaged (Przyborowski and Wilenski 1940); R's
// poisson.test(c(new, old), c(n_new, n_old), r = margin, alternative = "less").
double non_inferiority_p(std::int64_t damaged_new, std::int64_t shipped_new, std::int64_t damaged_old,
                         std::int64_t shipped_old, double margin);

// CSV with the columns day, station, shift, arm (control or treatment), carrier, zone, cost, damaged,
// returned; `cost` is any number, as pounds billed or money. Errors: bad_input with the place.
Result<std::vector<Observation>> read_observations(std::string_view text, std::string_view name);

}  // namespace signalbox::pack
