#include "core/calendar/ics_writer.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/calendar/content_line.hpp"
#include "core/calendar/date_text.hpp"
#include "core/calendar/ics_zone.hpp"

namespace signalbox::calendar {
namespace {

constexpr std::string_view kProduct = "-//Signalbox//Release train//EN";
constexpr std::size_t kBytesOfAnEntry = 400;  // about

// The stretch of time in which the entries of a calendar use a zone.
struct Use {
  Zone zone = Zone::utc();
  Instant first = Instant::max(), last = Instant::min();
};

std::map<std::string, Use> zones_of(const std::vector<IcsEntry>& entries) {
  std::map<std::string, Use> out;
  for (const IcsEntry& entry : entries) {
    const auto* span = std::get_if<TimeSpan>(&entry.when);
    if (span == nullptr || span->zone.is_utc()) continue;
    Use& use = out.try_emplace(span->zone.name(), Use{span->zone}).first->second;
    use.first = std::min(use.first, span->start);
    use.last = std::max(use.last, span->end);
  }
  return out;
}

// Builds a calendar line by line; one buffer holds the line that is being written.
class Writer {
 public:
  explicit Writer(std::size_t entries) { out_.reserve(entries * kBytesOfAnEntry + 1000); }

  std::string& octets() { return out_; }

  void plain(std::string_view line) {
    out_ += line;
    out_ += "\r\n";
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    start(name);
    append_escaped(line_, value);
    end();
  }
  // As it is, without the octets that would end the line.
  void raw(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    start(name);
    for (const char c : value) {
      if (static_cast<unsigned char>(c) >= 0x20) line_ += c;
    }
    end();
  }
  void list(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    start(name);
    for (const std::string& value : values) {
      if (line_.back() != ':') line_ += ',';
      append_escaped(line_, value);
    }
    end();
  }
  void number(std::string_view name, int value) {
    char digits[16];
    const auto [last, error] = std::to_chars(digits, digits + sizeof(digits), value);
    raw(name, {digits, static_cast<std::size_t>(last - digits)});
  }
  void utc(std::string_view name, Instant instant) {
    start(name);
    append_wall(line_, Wall(instant.time_since_epoch()));
    line_ += 'Z';
    end();
  }
  void date(std::string_view name, Day day) {
    line_.assign(name);
    line_ += ";VALUE=DATE:";
    append_wall(line_, day);
    line_.resize(line_.size() - 7);  // without THHMMSS
    end();
  }
  void wall(std::string_view name, Instant instant, const Zone& zone) {
    line_.assign(name);
    line_ += ";TZID=";
    line_ += zone.name();
    line_ += ':';
    append_wall(line_, zone.to_wall(instant));
    end();
  }

 private:
  void start(std::string_view name) {
    line_.assign(name);
    line_ += ':';
  }
  void end() { append_folded(out_, line_); }

  std::string out_;
  std::string line_;
};

void write_when(Writer& writer, const IcsEntry& entry) {
  if (const auto* days = std::get_if<DaySpan>(&entry.when)) {
    writer.date("DTSTART", days->first);
    writer.date("DTEND", days->end);
    return;
  }
  const TimeSpan& span = std::get<TimeSpan>(entry.when);
  const auto write = [&](std::string_view name, Instant instant) {
    // The second of two instants that show the same wall time can be told in UTC alone.
    if (span.zone.is_utc() || span.zone.to_utc(span.zone.to_wall(instant)) != instant) {
      writer.utc(name, instant);
    } else {
      writer.wall(name, instant, span.zone);
    }
  };
  write("DTSTART", span.start);
  if (span.end > span.start) write("DTEND", span.end);
}

std::string_view name_of(IcsEntry::Status status) {
  switch (status) {
    case IcsEntry::Status::confirmed:
      return "CONFIRMED";
    case IcsEntry::Status::tentative:
      return "TENTATIVE";
    default:
      return "CANCELLED";
  }
}

void write_entry(Writer& writer, const IcsEntry& entry) {
  writer.plain("BEGIN:VEVENT");
  writer.raw("UID", entry.uid);
  writer.utc("DTSTAMP", entry.stamp);
  write_when(writer, entry);
  writer.raw("RRULE", entry.rrule);
  writer.number("SEQUENCE", entry.sequence);
  writer.raw("STATUS", name_of(entry.status));
  writer.text("SUMMARY", entry.summary);
  writer.text("DESCRIPTION", entry.description);
  writer.list("CATEGORIES", entry.categories);
  writer.raw("URL", entry.url);
  writer.plain("TRANSP:TRANSPARENT");
  writer.plain("END:VEVENT");
}

}  // namespace

std::string write_ics(const IcsCalendar& calendar) {
  Writer writer(calendar.entries.size());
  writer.plain("BEGIN:VCALENDAR");
  writer.plain("VERSION:2.0");
  writer.raw("PRODID", kProduct);
  writer.plain("CALSCALE:GREGORIAN");
  writer.text("X-WR-CALNAME", calendar.name);
  writer.text("X-WR-CALDESC", calendar.description);
  writer.plain("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
  writer.plain("X-PUBLISHED-TTL:PT1H");
  for (const auto& [name, use] : zones_of(calendar.entries))
    append_vtimezone(writer.octets(), use.zone, use.first, use.last);
  for (const IcsEntry& entry : calendar.entries) write_entry(writer, entry);
  writer.plain("END:VCALENDAR");
  return std::move(writer.octets());
}

}  // namespace signalbox::calendar
