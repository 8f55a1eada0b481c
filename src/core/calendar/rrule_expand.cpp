#include <algorithm>

#include <fmt/core.h>

#include "core/calendar/rrule.hpp"

namespace signalbox::calendar {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::year_month_day;

constexpr int kLatestYear = 9999;

bool holds(const std::vector<int>& sorted, int value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

// Either of a number counted from the front and the same counted from behind.
bool holds(const std::vector<int>& sorted, int from_front, int size) {
  return holds(sorted, from_front) || holds(sorted, from_front - size - 1);
}

int number_of(unsigned value) {
  return static_cast<int>(value);
}

int days_in(std::chrono::year year) {
  return year.is_leap() ? 366 : 365;
}

int day_of_year(Day day) {
  const year_month_day date(day);
  return number_of(static_cast<unsigned>((day - Day(date.year() / 1 / 1)).count())) + 1;
}

int days_in_month(const year_month_day& date) {
  return number_of(static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day()));
}

Day week_of(Day day, std::chrono::weekday start) {
  return day - (std::chrono::weekday(day) - start);
}

// RFC 5545: week 1 of a year is the first with four days in it.
struct Week {
  int number = 0, of = 0;  // of: weeks of its year
};
Week week_number(Day day, std::chrono::weekday start) {
  const Day fourth = week_of(day, start) + days(3);
  const std::chrono::year year = year_month_day(fourth).year();
  const Day first_of_next = week_of(Day((year + std::chrono::years(1)) / 1 / 4), start);
  const Day first = week_of(Day(year / 1 / 4), start);
  return {(day_of_year(fourth) - 1) / 7 + 1, static_cast<int>((first_of_next - first).count() / 7)};
}

// The rule with what it leaves open filled in from the start.
Rrule filled(Rrule rule, Wall start) {
  const Day day = floor<days>(start);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss time(start - day);
  const bool days_open = rule.days.empty() && rule.month_days.empty() && rule.year_days.empty();
  if (days_open && !rule.weeks.empty()) {
    rule.days = {{0, std::chrono::weekday(day)}};
  } else if (days_open && rule.frequency == Frequency::weekly) {
    rule.days = {{0, std::chrono::weekday(day)}};
  } else if (days_open && rule.frequency >= Frequency::monthly) {
    if (rule.frequency == Frequency::yearly && rule.months.empty())
      rule.months = {number_of(static_cast<unsigned>(date.month()))};
    rule.month_days = {number_of(static_cast<unsigned>(date.day()))};
  }
  if (rule.hours.empty() && rule.frequency > Frequency::hourly)
    rule.hours = {static_cast<int>(time.hours().count())};
  if (rule.minutes.empty() && rule.frequency > Frequency::minutely)
    rule.minutes = {static_cast<int>(time.minutes().count())};
  if (rule.seconds.empty() && rule.frequency > Frequency::secondly)
    rule.seconds = {static_cast<int>(time.seconds().count())};
  return rule;
}

class Expansion {
 public:
  Expansion(const Rrule& rule, Wall start, const Zone& zone, Wall until, ExpansionBudget& budget)
      : rule_(filled(rule, start)), start_(start), zone_(zone), until_(until), budget_(budget) {
    if (const auto* wall = std::get_if<Wall>(&rule_.until)) until_ = std::min(until_, *wall);
    if (const auto* instant = std::get_if<Instant>(&rule_.until)) {
      last_instant_ = *instant;
      // A wall time that clocks skip is later than it looks, by a day at most.
      until_ = std::min(until_, zone_.to_wall(*instant) + days(1));
    }
    for (const int hour : rule_.hours) {
      for (const int minute : rule_.minutes) {
        for (const int second : rule_.seconds) {
          times_.push_back(std::chrono::hours(hour) + std::chrono::minutes(minute) +
                           std::chrono::seconds(second));
        }
      }
    }
  }

  Result<std::vector<Wall>> run() {
    switch (rule_.frequency) {
      case Frequency::yearly:
        by_year();
        break;
      case Frequency::monthly:
        by_month();
        break;
      case Frequency::weekly:
        by_days(week_of(floor<days>(start_), rule_.week_start), days(7));
        break;
      case Frequency::daily:
        by_days(floor<days>(start_), days(1));
        break;
      case Frequency::hourly:
        by_time(std::chrono::hours(1));
        break;
      case Frequency::minutely:
        by_time(std::chrono::minutes(1));
        break;
      case Frequency::secondly:
        by_time(std::chrono::seconds(1));
        break;
    }
    if (exhausted_) {
      return fail(ErrorKind::bad_input, fmt::format("{} recurs too often to be told one by one", rule_.text),
                  "a rule that recurs less often, or UNTIL");
    }
    return std::move(out_);
  }

 private:
  bool is_nth(const DayOfWeek& wanted, Day day) const {
    if (std::chrono::weekday(day) != wanted.day) return false;
    if (wanted.nth == 0) return true;
    const year_month_day date(day);
    const bool of_month = rule_.frequency == Frequency::monthly || !rule_.months.empty();
    const int position = of_month ? number_of(static_cast<unsigned>(date.day())) : day_of_year(day);
    const int size = of_month ? days_in_month(date) : days_in(date.year());
    return wanted.nth > 0 ? (position - 1) / 7 + 1 == wanted.nth : -((size - position) / 7 + 1) == wanted.nth;
  }

  bool fits(Day day) const {
    const year_month_day date(day);
    if (!rule_.months.empty() && !holds(rule_.months, number_of(static_cast<unsigned>(date.month()))))
      return false;
    if (!rule_.month_days.empty() &&
        !holds(rule_.month_days, number_of(static_cast<unsigned>(date.day())), days_in_month(date)))
      return false;
    if (!rule_.days.empty() && std::none_of(rule_.days.begin(), rule_.days.end(),
                                            [&](const DayOfWeek& one) { return is_nth(one, day); }))
      return false;
    if (!rule_.year_days.empty() && !holds(rule_.year_days, day_of_year(day), days_in(date.year())))
      return false;
    if (rule_.weeks.empty()) return true;
    const Week week = week_number(day, rule_.week_start);
    return holds(rule_.weeks, week.number, week.of);
  }

  // With week numbers a year goes from its first week to that of the next, and the start counts for the year
  // that its week belongs to.
  void by_year() {
    const bool by_week = !rule_.weeks.empty();
    const Day first = floor<days>(start_);
    const Day at = by_week ? week_of(first, rule_.week_start) + days(3) : first;
    const auto begin = [&](int year) {
      const std::chrono::year in(year);
      return by_week ? week_of(Day(in / 1 / 4), rule_.week_start) : Day(in / 1 / 1);
    };
    int year = static_cast<int>(year_month_day(at).year());
    for (; year <= kLatestYear && !done_; year += rule_.interval) add_days(begin(year), begin(year + 1));
  }

  void by_month() {
    const year_month_day first(floor<days>(start_));
    std::chrono::year_month month(first.year(), first.month());
    while (static_cast<int>(month.year()) <= kLatestYear && !done_) {
      add_days(Day(month / 1), Day((month + std::chrono::months(1)) / 1));
      month += std::chrono::months(rule_.interval);
    }
  }

  void by_days(Day day, days length) {
    const Day latest = Day(std::chrono::year(kLatestYear) / 12 / 31);
    for (; day <= latest && !done_; day += length * rule_.interval) add_days(day, day + length);
  }

  // Days [from, to) are a period.
  void add_days(Day from, Day to) {
    if (Wall(from) > until_) done_ = true;
    for (Day day = from; day < to && !done_; day += days(1)) {
      if (rule_.positions.empty() && Wall(day) > until_) done_ = true;
      step();
      if (!fits(day)) continue;
      for (const std::chrono::seconds time : times_) {
        step();
        add(day + time);
        if (done_) return;
      }
    }
    end_period();
  }

  // Hours, minutes and seconds are counted by the clock on the wall from the start on; what does not fit is
  // passed over a day, an hour or a minute at a time.
  void by_time(std::chrono::seconds unit) {
    const Day midnight = floor<days>(start_);
    const Wall base = midnight + (start_ - midnight) / unit * unit;
    const std::chrono::seconds stride = unit * rule_.interval;
    const auto first_from = [&](Wall wall) {
      const auto missing = wall - base;
      return base + (missing + stride - std::chrono::seconds(1)) / stride * stride;
    };
    for (Wall period = base; period <= until_ && !done_;) {
      step();
      const Day day = floor<days>(period);
      const auto hour = floor<std::chrono::hours>(period);
      const auto minute = floor<std::chrono::minutes>(period);
      if (!fits(day)) {
        period = first_from(day + days(1));
      } else if (!rule_.hours.empty() && !holds(rule_.hours, static_cast<int>((hour - day).count()))) {
        period = first_from(hour + std::chrono::hours(1));
      } else if (unit < std::chrono::hours(1) && !rule_.minutes.empty() &&
                 !holds(rule_.minutes, static_cast<int>((minute - hour).count()))) {
        period = first_from(minute + std::chrono::minutes(1));
      } else {
        add_within(period, unit);
        period += stride;
      }
    }
  }

  void add_within(Wall period, std::chrono::seconds unit) {
    static const std::vector<int> kItself = {0};
    const bool whole_hour = unit == std::chrono::hours(1);
    const bool single = unit == std::chrono::seconds(1);
    const int second = static_cast<int>((period - floor<std::chrono::minutes>(period)).count());
    if (single && !rule_.seconds.empty() && !holds(rule_.seconds, second)) return;
    for (const int minute : whole_hour ? rule_.minutes : kItself) {
      for (const int extra : single ? kItself : rule_.seconds) {
        step();
        add(period + std::chrono::minutes(minute) + std::chrono::seconds(extra));
      }
    }
    end_period();
  }

  void step() {
    if (budget_.steps == 0) {
      exhausted_ = done_ = true;
    } else {
      --budget_.steps;
    }
  }

  void add(Wall wall) {
    if (rule_.positions.empty()) {
      emit(wall);
    } else {
      period_.push_back(wall);
    }
  }

  // BYSETPOS chooses among what the whole period holds, what lies before the start included.
  void end_period() {
    if (rule_.positions.empty()) return;
    std::vector<Wall> chosen;
    const auto size = static_cast<int>(period_.size());
    for (const int position : rule_.positions) {
      const int index = position > 0 ? position - 1 : size + position;
      if (index >= 0 && index < size) chosen.push_back(period_[static_cast<std::size_t>(index)]);
    }
    period_.clear();
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    for (const Wall wall : chosen) emit(wall);
  }

  void emit(Wall wall) {
    if (done_ || wall < start_) return;
    if (wall > until_) {
      done_ = true;
      return;
    }
    if (last_instant_ && zone_.to_utc(wall) > *last_instant_) return;
    if (budget_.occurrences == 0) {
      exhausted_ = done_ = true;
      return;
    }
    --budget_.occurrences;
    out_.push_back(wall);
    if (rule_.count && out_.size() >= static_cast<std::size_t>(*rule_.count)) done_ = true;
  }

  const Rrule rule_;
  const Wall start_;
  const Zone& zone_;
  Wall until_;
  std::optional<Instant> last_instant_;
  ExpansionBudget& budget_;
  std::vector<std::chrono::seconds> times_;  // of the day
  std::vector<Wall> period_;                 // where positions choose among them
  std::vector<Wall> out_;
  bool done_ = false;
  bool exhausted_ = false;
};

}  // namespace

Result<std::vector<Wall>> expand(const Rrule& rule, Wall start, const Zone& zone, Wall until,
                                 ExpansionBudget& budget) {
  return Expansion(rule, start, zone, until, budget).run();
}

Result<std::vector<Wall>> expand(const Rrule& rule, Wall start, const Zone& zone, Wall until) {
  ExpansionBudget budget;
  return expand(rule, start, zone, until, budget);
}

}  // namespace signalbox::calendar
