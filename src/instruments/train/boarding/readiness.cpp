#include "instruments/train/boarding/readiness.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace signalbox::train {
namespace {

constexpr double kTests = 30;
constexpr double kSecurity = 20;
constexpr double kObservability = 15;
constexpr double kRollback = 20;
constexpr double kSignoffs = 15;
constexpr double kAttested = 0.5;

double part(double value) {
  return std::isnan(value) ? 0 : std::clamp(value, 0.0, 1.0);
}

double value_of(const Checklist& checklist, std::initializer_list<CheckItem> items) {
  double sum = 0;
  for (const CheckItem item : items) {
    const CheckState state = checklist[item].state;
    if (state == CheckState::proved || state == CheckState::not_applicable) sum += 1;
    if (state == CheckState::attested) sum += kAttested;
  }
  return sum / static_cast<double>(items.size());
}

}  // namespace

double readiness_score(const Readiness& readiness) {
  return part(readiness.tests) * kTests + part(readiness.security) * kSecurity +
         part(readiness.observability) * kObservability + part(readiness.rollback) * kRollback +
         part(readiness.signoffs) * kSignoffs;
}

Readiness readiness_of(const Seat& seat) {
  const Checklist& checklist = seat.record.checklist;
  Readiness out;
  out.tests = value_of(checklist, {CheckItem::tests, CheckItem::integration_tests, CheckItem::merged_ci});
  out.security = value_of(checklist, {CheckItem::security_scan});
  out.observability = value_of(checklist, {CheckItem::observability});
  out.rollback = value_of(checklist, {CheckItem::data_rollback, CheckItem::migration_reversible});
  const bool is_approved = seat.state >= SeatState::approved && seat.state <= SeatState::shipped;
  out.signoffs = is_approved ? 1 : 0;
  return out;
}

}  // namespace signalbox::train
