#include "instruments/train/ramp/track.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/envelope.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::size_t kPage = 1000;  // entries read at a time

// The first step of an attempt, whoever signed it.
struct Beginning {
  std::string train;
  std::string attempt;
  Begin begin;
};

enum class Visit { go_on, stop };

// The newest first.
Status visit_beginnings(const evidence::Ledger& ledger,
                        const std::function<Result<Visit>(const Beginning& beginning)>& visit) {
  evidence::Query query;
  query.type = event_type("step");
  query.limit = kPage;
  while (true) {
    SIGNALBOX_TRY(const std::vector<evidence::Entry> entries, ledger.query(query));
    for (const evidence::Entry& entry : entries) {
      const auto envelope = evidence::parse_envelope(entry.envelope);
      if (!envelope) continue;
      const auto statement = evidence::parse_statement(envelope->payload);
      if (!statement) continue;
      std::string train(statement->predicate["train"].as_string());
      auto step = step_from_json(statement->predicate);
      if (!step || !step->begin || !check_train_id(train)) continue;
      SIGNALBOX_TRY(const Visit next,
                    visit({std::move(train), std::to_string(entry.index), std::move(*step->begin)}));
      if (next == Visit::stop) return {};
    }
    if (entries.size() < kPage) return {};
    query.before = entries.back().index;
  }
}

bool holds_track(const Ramp& ramp) {
  return ramp.phase != Phase::none && (!is_over(ramp.phase) || ramp.phase == Phase::stuck);
}

std::int64_t attempt_number(const std::string& attempt) {
  return parse_integer(attempt).value_or(0);
}

}  // namespace

Result<std::vector<Ramp>> others_on_track(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                          const std::string& train, const std::string& service) {
  std::vector<Ramp> out;
  std::set<std::string> seen = {train};
  const auto visit = [&](const Beginning& found) -> Result<Visit> {
    if (found.begin.service != service || !seen.insert(found.train).second) return Visit::go_on;
    SIGNALBOX_TRY(const TrainEvents events, read_events(ledger, trust, found.train));
    Ramp ramp = fold(events);
    if (ramp.begun.service != service) return Visit::go_on;
    if (holds_track(ramp)) {
      out.push_back(std::move(ramp));
      return Visit::go_on;
    }
    // A train leaves on a free track only: whatever began before this one was over by then.
    const bool has_left = ramp.has_moved_traffic && ramp.begun.purpose == Begin::Purpose::depart;
    return has_left && ramp.attempt == found.attempt ? Visit::stop : Visit::go_on;
  };
  SIGNALBOX_CHECK(visit_beginnings(ledger, visit));
  return out;
}

Status check_track(const std::vector<Ramp>& others) {
  for (const Ramp& other : others) {
    const std::string& service = other.begun.service;
    if (other.phase == Phase::stuck) {
      return fail(
          ErrorKind::conflict,
          fmt::format("train {} could not be rolled back: nothing of {} departs before that is mended",
                      other.train, service),
          fmt::format("signalbox train status {} shows what to do by hand; then signalbox train rollback {}",
                      other.train, other.train));
    }
    return fail(ErrorKind::conflict,
                fmt::format("train {} of {} is on its way: {}", other.train, service, name_of(other.phase)),
                "signalbox train status " + other.train);
  }
  return {};
}

std::string train_ahead(const std::vector<Ramp>& others, const std::string& attempt) {
  const auto ahead = std::find_if(others.begin(), others.end(), [&](const Ramp& other) {
    return attempt_number(other.attempt) < attempt_number(attempt);
  });
  if (ahead == others.end()) return {};
  return fmt::format("train {} of {} began before it, and is on its way: {}", ahead->train,
                     ahead->begun.service, name_of(ahead->phase));
}

Result<std::string> newest_train(const evidence::Ledger& ledger) {
  std::string out;
  SIGNALBOX_CHECK(visit_beginnings(ledger, [&](const Beginning& found) -> Result<Visit> {
    out = found.train;
    return Visit::stop;
  }));
  if (!out.empty()) return out;
  return fail(ErrorKind::not_found, "no train has been on its way here", "signalbox train depart TRAIN");
}

}  // namespace signalbox::train::ramp
