#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/report/escape.hpp"
#include "instruments/train/schedule/release_calendar.hpp"

namespace signalbox::train::schedule {
namespace {

using report::escape_markup;

calendar::IcsEntry entry_of(const CalendarEvent& event) {
  calendar::IcsEntry out;
  out.uid = event.uid;
  out.summary = event.title;
  out.description = event.description;
  out.categories = event.categories;
  out.when = event.when;
  out.stamp = event.stamp;
  out.sequence = static_cast<int>(std::min<std::uint64_t>(event.sequence, INT32_MAX));
  if (event.status == CalendarEvent::Status::tentative) out.status = calendar::IcsEntry::Status::tentative;
  if (event.status == CalendarEvent::Status::cancelled) out.status = calendar::IcsEntry::Status::cancelled;
  return out;
}

std::string day_text(calendar::Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string wall_of(calendar::Instant instant, const calendar::Zone& zone) {
  const calendar::Wall wall = zone.to_wall(instant);
  const calendar::Day day = std::chrono::floor<std::chrono::days>(wall);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(wall - day).count();
  return fmt::format("{} {:02}:{:02}", day_text(day), minutes / 60, minutes % 60);
}

std::string when_text(const CalendarEvent& event) {
  if (const auto* whole = std::get_if<calendar::DaySpan>(&event.when)) {
    const calendar::Day last = whole->end - std::chrono::days(1);
    return whole->first == last ? day_text(last) : day_text(whole->first) + " to " + day_text(last);
  }
  const auto& span = std::get<calendar::TimeSpan>(event.when);
  return fmt::format("{} to {} {}", wall_of(span.start, span.zone), wall_of(span.end, span.zone),
                     span.zone.name());
}

constexpr std::string_view kHead =
    R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
:root{color-scheme:light dark;--line:#8884}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin:2rem 0 .5rem;font-size:1.1rem;border-bottom:1px solid var(--line)}
li{display:grid;grid-template-columns:minmax(9rem,18rem) 1fr;gap:1rem;padding:.3rem 0;list-style:none}
ul{padding:0;margin:0}time{font-variant-numeric:tabular-nums}
small{opacity:.75}.cancelled{text-decoration:line-through}.tentative{font-style:italic}.freeze b{color:#c0392b}
@media(max-width:40rem){li{grid-template-columns:1fr;gap:0}}
</style>)";

}  // namespace

std::string to_ics(const ReleaseCalendar& calendar) {
  calendar::IcsCalendar out;
  out.name = calendar.name;
  out.description = "Milestones of releases, and freezes";
  out.entries.reserve(calendar.events.size());
  for (const CalendarEvent& event : calendar.events) out.entries.push_back(entry_of(event));
  return calendar::write_ics(out);
}

Json to_json(const ReleaseCalendar& calendar) {
  Json list = Json::array();
  for (const CalendarEvent& event : calendar.events) {
    list.push_back(Json::object({{"uid", printable(event.uid)},
                                 {"train", event.train},
                                 {"milestone", event.milestone},
                                 {"title", printable(event.title)},
                                 {"owner", printable(event.owner)},
                                 {"description", escape_invalid_utf8(event.description)},
                                 {"start", to_rfc3339(event.starts)},
                                 {"end", to_rfc3339(event.ends)},
                                 {"whole_days", std::holds_alternative<calendar::DaySpan>(event.when)},
                                 {"sequence", event.sequence},
                                 {"status", name_of(event.status)}}));
  }
  return Json::object({{"version", 1},
                       {"name", printable(calendar.name)},
                       {"cadence", calendar.cadence},
                       {"since", to_rfc3339(calendar.since)},
                       {"until", to_rfc3339(calendar.until)},
                       {"events", std::move(list)}});
}

std::string to_html(const ReleaseCalendar& calendar) {
  const std::string title = escape_markup(calendar.name);
  std::string out = fmt::format("{}<title>{}</title></head><body><h1>{}</h1>", kHead, title, title);
  std::string month;
  for (const CalendarEvent& event : calendar.events) {
    const std::string when = when_text(event);
    if (when.substr(0, 7) != month) {
      if (!month.empty()) out += "</ul>";
      month = when.substr(0, 7);
      out += fmt::format("<h2>{}</h2><ul>", month);
    }
    out += fmt::format("<li class=\"{} {}\"><time>{}</time><div><b>{}</b>", name_of(event.status),
                       event.milestone == "freeze" ? "freeze" : "milestone", escape_markup(when),
                       escape_markup(event.title));
    if (event.status != CalendarEvent::Status::confirmed)
      out += fmt::format(" <small>({})</small>", name_of(event.status));
    for (const std::string_view line : lines(event.description))
      out += fmt::format("<br><small>{}</small>", escape_markup(line));
    out += "</div></li>\n";
  }
  out += month.empty() ? "<p>Nothing is planned.</p>" : "</ul>";
  return out + "</body></html>\n";
}

}  // namespace signalbox::train::schedule
