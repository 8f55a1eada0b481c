// Which statements have a series of their own in /metrics: few, and the same ones for long.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "instruments/queries/statements/counters.hpp"

namespace signalbox::queries {

// A statement as it is labelled: its queryid, never its text.
struct SeriesLabels {
  std::string database, role;
  std::int64_t query_id = 0;
  auto operator<=>(const SeriesLabels&) const = default;
};

// A statement gets a series when it is among the first N by the time that it took of late, and loses it when
// it has not been among the first 2N for half an hour, or when there would be more than 4N. What all others
// did is one series, `other`. A series begins at 0; when it goes, what it counted goes to `other`. So the sum
// of all is what the server counted since the watch began, at any time, and no counter ever falls.
class TopSeries {
 public:
  explicit TopSeries(std::size_t n) : n_(n) {}

  void add(const std::map<SeriesLabels, Counters>& deltas, Time now);
  void add_to_other(const Counters& delta) { other_ += delta; }  // of what never has a series

  const std::map<SeriesLabels, Counters>& shown() const { return shown_; }
  const Counters& other() const { return other_; }

 private:
  struct Weight {
    double recent_ms = 0;  // fades to half in ten minutes
    Time good_at{};        // when it was last among the first 2N
  };
  std::size_t n_;
  std::map<SeriesLabels, Weight> weights_;
  std::map<SeriesLabels, Counters> shown_;
  Counters other_;
  Time last_{};
};

}  // namespace signalbox::queries
