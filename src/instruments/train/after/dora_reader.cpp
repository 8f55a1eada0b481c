#include "instruments/train/after/dora_reader.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/incident.hpp"
#include "instruments/train/after/passage.hpp"
#include "instruments/train/boarding/schedule.hpp"
#include "instruments/train/events/events_of_kinds.hpp"

namespace signalbox::train::after {
namespace {

constexpr const char* kDefaultWindow = "90d";

Time end_of(const Shipment& shipment, const std::vector<Trouble>& troubles) {
  if (shipment.release.all_traffic) return *shipment.release.all_traffic;
  for (const Trouble& trouble : troubles) {
    if (trouble.index == shipment.release.index) return trouble.restored.value_or(trouble.began);
  }
  return {};
}

// The newest release of the train that the log had before `index`.
std::optional<std::uint64_t> release_before(const Shipments& shipments, std::uint64_t index) {
  std::optional<std::uint64_t> out;
  for (const Shipment& one : shipments.releases) {
    if (one.release.index < index) out = one.release.index;
  }
  return out;
}

Shipment shipment(const TrainEvents& events, const Departure& departure) {
  Shipment out;
  out.release = {events.train, departure.service, departure.version, departure.index, departure.all_traffic};
  out.commit = departure.commit;
  out.baseline = departure.baseline;
  return out;
}

// Taken back before it had all traffic.
Shipment shipment(const TrainEvents& events, const WayBack& way_back) {
  Shipment out;
  out.release = {events.train, way_back.service, way_back.version, way_back.index, std::nullopt};
  out.commit = way_back.commit;
  out.baseline = way_back.baseline;
  return out;
}

// Whether the train is a hotfix, and of what.
void tell_plan(const TrainEvents& events, Shipments& out) {
  std::optional<ScheduleEvent> made;
  for (const Event& event : events.events) {
    if (event.kind != "schedule" || made) continue;
    if (auto schedule = read_schedule_event(event.predicate)) made = std::move(*schedule);
  }
  if (!made || made->kind != TrainKind::hotfix) return;
  for (Shipment& one : out.releases) {
    one.release.plan = Delivered::Plan::unplanned;
    one.release.repairs = made->base;
  }
}

// Reads the commits of releases, each once.
class CommitReader {
 public:
  explicit CommitReader(const git::Repository& repository) : repository_(repository) {}

  Status read(Shipment& shipment) {
    if (shipment.baseline.empty()) {
      remark(shipment, "no release before it is known", Severity::note);
      return {};
    }
    std::vector<CommitTimes> commits;
    const Status status = repository_.log(
        {shipment.commit, "^" + shipment.baseline}, git::Order::newest_first, [&](git::Commit&& commit) {
          if (commit.parents.size() > 1 || seen_.size() >= kMaxLeadCommits) return;
          if (!seen_.insert(commit.id).second) return;
          commits.push_back({Time(std::chrono::seconds(commit.committer_time_s)),
                             Time(std::chrono::seconds(commit.author_time_s))});
        });
    if (!status) {
      remark(shipment, status.error().message, Severity::warning);
      return {};
    }
    if (seen_.size() >= kMaxLeadCommits) {
      return fail(ErrorKind::bad_input, fmt::format("more than {} commits to look at", kMaxLeadCommits),
                  "--since TIME asks for a shorter time");
    }
    shipment.release.commits = std::move(commits);
    return {};
  }

  std::vector<Remark> take_remarks() { return std::move(remarks_); }

 private:
  void remark(const Shipment& shipment, const std::string& why, Severity severity) {
    remarks_.push_back({"train/lead-time-unknown",
                        fmt::format("the commits of {} (train {}) are not counted: {}",
                                    printable(shipment.release.version), shipment.release.train, why),
                        "", severity});
  }

  const git::Repository& repository_;
  std::set<std::string> seen_;
  std::vector<Remark> remarks_;
};

bool is_within(Time time, const DoraQuery& query) {
  return time >= query.since && time < query.until;
}

// RFC 3339, or how long before `end`.
Result<Time> time_from(const std::string& text, Time end) {
  if (const auto time = parse_rfc3339(text)) return *time;
  if (const auto before = parse_duration(text)) return end - *before;
  return fail(ErrorKind::bad_input, fmt::format("{}: no time", printable(text)),
              "2026-01-01T00:00:00Z, or a duration such as 90d");
}

}  // namespace

Result<DoraQuery> dora_query(const std::optional<std::string>& since, const std::optional<std::string>& until,
                             const std::optional<std::string>& service, Time now) {
  DoraQuery out;
  out.service = service;
  SIGNALBOX_TRY(out.until, until ? time_from(*until, now) : Result<Time>(now));
  SIGNALBOX_TRY(out.since, time_from(since.value_or(kDefaultWindow), out.until));
  if (out.since < out.until) return out;
  return fail(ErrorKind::bad_input,
              fmt::format("from {} to {}: no time at all", to_rfc3339(out.since), to_rfc3339(out.until)),
              "--since lies before --until");
}

Shipments shipments_of(const TrainEvents& events) {
  Shipments out;
  const Passages passages = read_passages(events);
  std::size_t next_back = 0;
  const auto take_ways_back = [&](std::uint64_t before) {
    while (next_back < passages.ways_back.size() && passages.ways_back[next_back].index < before) {
      const WayBack& way_back = passages.ways_back[next_back++];
      const bool had_all = !out.releases.empty() && out.releases.back().release.all_traffic &&
                           out.releases.back().release.version == way_back.version &&
                           std::none_of(out.troubles.begin(), out.troubles.end(), [&](const Trouble& one) {
                             return one.release == out.releases.back().release.index;
                           });
      if (!had_all) out.releases.push_back(shipment(events, way_back));
      out.troubles.push_back(
          {out.releases.back().release.index, way_back.index, way_back.detected, way_back.restored});
    }
  };
  for (const Departure& departure : passages.departures) {
    take_ways_back(departure.index);
    out.releases.push_back(shipment(events, departure));
  }
  take_ways_back(UINT64_MAX);
  tell_plan(events, out);
  for (const Incident& incident : fold_incidents(events).all)
    out.troubles.push_back(
        {release_before(out, incident.index), incident.index, incident.began, incident.restored});
  return out;
}

Result<DoraSource> read_dora(const evidence::Ledger& ledger, const evidence::Trust& trust,
                             const git::Repository& repository, const DoraQuery& query) {
  SIGNALBOX_TRY(const std::vector<TrainEvents> trains,
                read_events_of_kinds(ledger, trust, {"schedule", "departure", "rollback", "incident"}));
  std::vector<Shipment> shipments;
  DoraSource out;
  out.deliveries.since = query.since;
  out.deliveries.until = query.until;
  for (const TrainEvents& events : trains) {
    Shipments one = shipments_of(events);
    const bool is_asked_for =
        !query.service || std::any_of(one.releases.begin(), one.releases.end(), [&](const Shipment& each) {
          return each.release.service == *query.service;
        });
    if (!is_asked_for) continue;
    for (const Trouble& trouble : one.troubles) {
      if (is_within(trouble.began, query)) out.deliveries.troubles.push_back(trouble);
    }
    for (Shipment& each : one.releases) {
      if (end_of(each, one.troubles) < query.until) shipments.push_back(std::move(each));
    }
  }
  std::sort(shipments.begin(), shipments.end(),
            [](const Shipment& a, const Shipment& b) { return a.release.index < b.release.index; });
  CommitReader reader(repository);
  for (Shipment& each : shipments) {
    const bool is_counted = each.release.all_traffic ? *each.release.all_traffic >= query.since
                                                     : end_of(each, out.deliveries.troubles) >= query.since;
    if (each.release.all_traffic && is_counted) SIGNALBOX_CHECK(reader.read(each));
    if (is_counted) out.deliveries.releases.push_back(std::move(each.release));
  }
  out.remarks = reader.take_remarks();
  return out;
}

}  // namespace signalbox::train::after
