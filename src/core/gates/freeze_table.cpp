#include "core/gates/freeze_table.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::gates {
namespace {

using calendar::Instant;

constexpr std::size_t kMaxSpans = 500'000;
constexpr std::chrono::days kYear{366};
constexpr int kYearsAhead = 10;  // a freeze that goes on for longer ends there, as far as anybody is told

Instant instant_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

class Compiler {
 public:
  Compiler(const Freeze& freeze, Time from, Time until, calendar::ExpansionBudget& budget,
           std::vector<FrozenSpan>& out)
      : freeze_(freeze),
        from_(instant_of(from)),
        until_(instant_of(until) + std::chrono::seconds(1)),
        budget_(budget),
        out_(out) {}

  Status run() {
    return std::visit([this](const auto& when) { return add(when); }, freeze_.when);
  }

 private:
  Status add(const FixedFreeze& when) {
    if (instant_of(when.end) < from_ || instant_of(when.start) >= until_) return {};
    return push(when.start, when.end, freeze_.reason);
  }

  // Starts between a start and the end that follows it change nothing.
  Status add(const CronFreeze& when) {
    std::optional<Instant> start = last_fire(when.start, from_);
    if (!start) start = next_fire(when.start, from_);
    std::optional<FrozenSpan> open;
    while (start && *start < until_) {
      const std::optional<Instant> end = next_fire(when.end, *start);
      if (!end) return never_ends(when.end);
      if (open && open->end >= *start) {
        open->end = *end;
      } else {
        if (open) SIGNALBOX_CHECK(push(open->start, open->end, freeze_.reason));
        open = FrozenSpan{.start = *start, .end = *end};
      }
      if (++steps_ > kMaxSpans) return too_often();
      start = next_fire(when.start, *end - std::chrono::seconds(1));
    }
    if (open) return push(open->start, open->end, freeze_.reason);
    return {};
  }

  Status add(const RuleFreeze& when) {
    const auto walls = calendar::expand(when.rule, when.from, when.zone,
                                        when.zone.to_wall(until_) + std::chrono::days(1), budget_);
    if (!walls) return fail_in(freeze_.name, walls.error());
    for (const calendar::Wall wall : *walls) {
      const Instant start = when.zone.to_utc(wall);
      const Instant end = calendar::after(wall, when.length, when.zone);
      if (end > from_ && start < until_) SIGNALBOX_CHECK(push(start, end, freeze_.reason));
    }
    return {};
  }

  Status add(const FileFreeze& when) {
    const auto found = calendar::occurrences(*when.file, from_, until_, budget_);
    if (!found) return fail(found.error());
    for (const calendar::Occurrence& one : *found) {
      const std::string& summary = one.event->summary;
      const char* const between = summary.empty() || freeze_.reason.empty() ? "" : ": ";
      SIGNALBOX_CHECK(push(one.start, one.end, summary + between + freeze_.reason));
    }
    return {};
  }

  Status push(Time start, Time end, std::string reason) {
    if (end <= start) return {};
    if (out_.size() >= kMaxSpans) return too_often();
    out_.push_back({freeze_.name, std::move(reason), freeze_.environments, start, end});
    return {};
  }

  Status too_often() const {
    return fail(ErrorKind::bad_input,
                fmt::format("the freeze {} begins more than {} times", printable(freeze_.name), kMaxSpans),
                "a freeze that begins less often");
  }
  Status never_ends(const calendar::Cron& end) const {
    return fail(ErrorKind::bad_input,
                fmt::format("the freeze {} never ends: `{}`", printable(freeze_.name), end.text));
  }

  const Freeze& freeze_;
  Instant from_, until_;
  calendar::ExpansionBudget& budget_;
  std::vector<FrozenSpan>& out_;
  std::size_t steps_ = 0;
};

std::int64_t milliseconds(Time time) {
  return time.time_since_epoch().count();
}

// After `from`, and before or at `until`: one that touches goes on.
std::vector<FrozenSpan> starting_between(const std::vector<FrozenSpan>& spans, Time from, Time until) {
  std::vector<FrozenSpan> out;
  std::copy_if(spans.begin(), spans.end(), std::back_inserter(out),
               [&](const FrozenSpan& span) { return span.start > from && span.start <= until; });
  return out;
}

}  // namespace

Result<FreezeTable> FreezeTable::compile(const std::vector<Freeze>& freezes, std::string_view environment,
                                         Time from, Time until) {
  FreezeTable out;
  out.from_ = from;
  out.until_ = until;
  calendar::ExpansionBudget budget{.occurrences = kMaxSpans};
  for (const Freeze& freeze : freezes) {
    if (concerns(freeze, environment))
      SIGNALBOX_CHECK(Compiler(freeze, from, until, budget, out.spans_).run());
  }
  std::stable_sort(out.spans_.begin(), out.spans_.end(),
                   [](const FrozenSpan& a, const FrozenSpan& b) { return a.start < b.start; });
  for (const FrozenSpan& span : out.spans_) {
    if (!out.ends_ms_.empty() && milliseconds(span.start) <= out.ends_ms_.back()) {
      out.ends_ms_.back() = std::max(out.ends_ms_.back(), milliseconds(span.end));
    } else {
      out.starts_ms_.push_back(milliseconds(span.start));
      out.ends_ms_.push_back(milliseconds(span.end));
    }
  }
  return out;
}

FreezeTable::Answer FreezeTable::at(Time time) const {
  if (time < from_ || time >= until_) return {};
  const auto next = std::upper_bound(starts_ms_.begin(), starts_ms_.end(), milliseconds(time));
  if (next == starts_ms_.begin()) return {State::open, {}};
  const std::int64_t end = ends_ms_[static_cast<std::size_t>(next - starts_ms_.begin()) - 1];
  if (milliseconds(time) >= end) return {State::open, {}};
  return {State::frozen, Time(std::chrono::milliseconds(end))};
}

std::vector<FrozenSpan> FreezeTable::in_force(Time time) const {
  std::vector<FrozenSpan> out;
  for (const FrozenSpan& span : spans_) {
    if (span.start > time) break;
    if (time < span.end) out.push_back(span);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const FrozenSpan& a, const FrozenSpan& b) { return a.end > b.end; });
  return out;
}

std::optional<FrozenSpan> FreezeTable::next_after(Time time) const {
  const auto next = std::upper_bound(spans_.begin(), spans_.end(), time,
                                     [](Time a, const FrozenSpan& b) { return a < b.start; });
  if (next == spans_.end()) return std::nullopt;
  return *next;
}

Result<FreezeAnswer> ask_freezes(const std::vector<Freeze>& freezes, Time at, std::string_view environment) {
  FreezeAnswer out;
  for (int years = 1; years <= kYearsAhead; ++years) {
    SIGNALBOX_TRY(const FreezeTable table,
                  FreezeTable::compile(freezes, environment, at, at + years * kYear));
    const FreezeTable::Answer now = table.at(at);
    out.in_force = table.in_force(at);
    out.next = table.next_after(at);
    if (now.state != FreezeTable::State::frozen) return out;
    out.free_from = now.end;
    // Where the union reaches the end of what was compiled, more may join it.
    if (now.end < at + years * kYear || years == kYearsAhead) {
      out.following = starting_between(table.spans(), at, now.end);
      return out;
    }
  }
  return out;
}

std::optional<Time> end_of_union(const std::vector<FrozenSpan>& in_force,
                                 const std::vector<FrozenSpan>& following) {
  if (in_force.empty()) return std::nullopt;
  Time end = in_force.front().end;
  for (const FrozenSpan& span : in_force) end = std::max(end, span.end);
  for (const FrozenSpan& span : following) {
    if (span.start > end) break;
    end = std::max(end, span.end);
  }
  return end;
}

}  // namespace signalbox::gates
