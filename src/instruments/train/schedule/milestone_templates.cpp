#include <fmt/core.h>

#include "instruments/train/schedule/milestones.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr int kDaysOfWeek = 7;

Milestone release_day() {
  return {std::string(kReleaseDay),
          "Release day: canary, ramp, cutover",
          "release engineer",
          0,
          0,
          {Condition::aboard, Condition::lock},
          {}};
}

Milestone stabilise(int last_day) {
  return {"stabilise", "Stabilise: rollback hold, immediate rollback where the canary misses its objectives",
          "sre",       1,
          last_day,    {Condition::departure},
          {}};
}

Milestone review(int day) {
  return {"review", "Post-release review published", "release engineer", day,
          day,      {Condition::departure},          {Condition::review}};
}

}  // namespace

std::vector<Milestone> monthly_template() {
  return {{"selection",
           "Passenger selection and feature gating",
           "product",
           -21,
           -15,
           {},
           {Condition::passengers}},
          {"integration", "Integration and security", "engineering", -14, -8, {Condition::passengers}, {}},
          {"hardening", "Staging hardening and dry run", "engineering", -7, -1, {Condition::approvals}, {}},
          release_day(),
          stabilise(3),
          review(kDaysOfWeek)};
}

std::vector<Milestone> weekly_template() {
  return {
      {"selection", "Passenger selection and feature gating", "product", -6, -4, {}, {Condition::passengers}},
      {"hardening", "Staging hardening and dry run", "engineering", -3, -1, {Condition::approvals}, {}},
      release_day(),
      stabilise(1),
      review(3)};
}

std::vector<Milestone> release_day_template() {
  return {release_day()};
}

std::vector<Milestone> increment_template(int length_weeks, int iteration_weeks) {
  std::vector<Milestone> out;
  const int count = length_weeks / iteration_weeks;
  for (int i = 0; i < count; ++i) {
    const int first = (i * iteration_weeks - length_weeks) * kDaysOfWeek;
    Milestone one{fmt::format("iteration-{}", i + 1),
                  fmt::format("Iteration {} of {}", i + 1, count),
                  "engineering",
                  first,
                  first + iteration_weeks * kDaysOfWeek - 1,
                  {},
                  {}};
    if (i + 1 == count) one.exit = {Condition::approvals};
    out.push_back(std::move(one));
  }
  out.push_back(release_day());
  out.push_back(stabilise(3));
  out.push_back(review(kDaysOfWeek));
  return out;
}

}  // namespace signalbox::train::schedule
