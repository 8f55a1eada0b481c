#include "instruments/queries/logs/assembled_log_reader.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

// What is put before each prefix: all that the line around it tells.
std::string_view header_of(LogFormat format) {
  return format == LogFormat::syslog ? "%m [%p] " : "%m ";
}
constexpr std::string_view kInnerPrefixes[] = {
    "db=%d,user=%u,app=%a,client=%h ",
    "user=%u,db=%d,app=%a,client=%h ",
    "db=%d,user=%u,client=%h ",
    "user=%u,db=%d,client=%h ",
    "db=%d,user=%u ",
    "user=%u,db=%d ",
    "%u@%d %a %Q ",
    "%q%u@%d %a %Q ",
    "%u@%d ",
    "%q%u@%d ",
    "%m [%p] %q%u@%d ",
    "%m [%p] ",
    "",
};
constexpr std::string_view kCloudPrefixes[] = {"[%p]: [%l-1] ", ""};

// Further lines of a message begin with a tab, on stderr.
std::string with_tabs(std::string_view text) {
  std::string out;
  for (std::size_t newline; (newline = text.find('\n')) != std::string_view::npos;) {
    out += text.substr(0, newline + 1);
    out += '\t';
    text.remove_prefix(newline + 1);
  }
  return out += text;
}

// "DETAIL" and its like stand with the message before.
bool is_message(std::string_view severity) {
  constexpr std::string_view kParts[] = {"DETAIL", "HINT",     "CONTEXT",  "STATEMENT",
                                         "QUERY",  "LOCATION", "BACKTRACE"};
  return std::find(std::begin(kParts), std::end(kParts), severity) == std::end(kParts);
}

bool digits_at(std::string_view text, std::size_t from, std::size_t& end) {
  end = from;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end > from && end - from < 19;
}

// "Feb 11 13:15:39" or "2019-03-14T00:22:56+00:00" at the front; empty where it is none of both.
std::string syslog_time(std::string_view line) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::size_t kLength = 15;
  if (!line.empty() && line.front() >= '0' && line.front() <= '9') {
    const std::string_view text = line.substr(0, line.find(' '));
    LogRecord record;
    return text.size() >= 19 && text[10] == 'T' && parse_log_time(text, record)
               ? std::string(text.substr(0, 10)) + " " + to_rfc3339(record.at).substr(11, 12) + " UTC"
               : std::string();
  }
  if (line.size() < kLength || line[3] != ' ' || line[6] != ' ' || line[9] != ':' || line[12] != ':')
    return {};
  const std::size_t month = kMonths.find(line.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0) return {};
  const auto day = parse_integer(trim(line.substr(4, 2)));
  if (!day || *day < 1 || *day > 31) return {};
  using std::chrono::floor;
  constexpr int kMostYears = 8;  // from a 29th of February to the next
  const auto tomorrow = floor<std::chrono::days>(std::chrono::system_clock::now()) + std::chrono::days(1);
  std::chrono::year_month_day date(std::chrono::year_month_day(tomorrow).year(),
                                   std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                   std::chrono::day(static_cast<unsigned>(*day)));
  for (int i = 0; i < kMostYears && (!date.ok() || std::chrono::sys_days(date) > tomorrow); ++i)
    date -= std::chrono::years(1);
  if (!date.ok()) return {};
  return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     line.substr(7, 8));
}

// rsyslog has #011 for a tab.
std::string without_octal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t plain = std::min(text.find('#', i), text.size());
    out += text.substr(i, plain - i);
    i = plain;
    if (i == text.size()) break;
    const bool escape = text.size() - i >= 4 && text[i + 1] == '0' && text[i + 2] >= '0' &&
                        text[i + 2] <= '3' && text[i + 3] >= '0' && text[i + 3] <= '7';
    const char code = escape ? static_cast<char>((text[i + 2] - '0') * 8 + text[i + 3] - '0') : '\0';
    out += code != '\0' ? code : text[i];
    if (code != '\0') i += 3;
  }
  return out;
}

// The string that stands behind `key` in a line of JSON. Within another string its quotes had a backslash.
std::optional<std::string> json_string(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = line.find_first_not_of(' ', at + key.size());
  if (begin == std::string_view::npos || line[begin] != '"') return std::nullopt;
  std::size_t end = begin + 1;
  while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
  if (end >= line.size()) return std::nullopt;
  const auto value = parse_json(line.substr(begin, end + 1 - begin), {LogReader::kMaxRecordBytes, 2, false});
  if (!value) return std::nullopt;
  return std::string(value->as_string());
}

LogPiece piece_of(LogFormat format, std::string_view line) {
  return format == LogFormat::syslog ? syslog_piece(line) : cloudsql_piece(line);
}

std::string as_stderr(const LogPiece& piece) {
  return piece.pid == 0 ? fmt::format("{} {}", piece.time, piece.text)
                        : fmt::format("{} [{}] {}", piece.time, piece.pid, piece.text);
}

class WithOffset final : public LogVisitor {
 public:
  WithOffset(std::uint64_t offset, LogVisitor& visitor) : offset_(offset), visitor_(visitor) {}
  void record(const LogRecord& record) override {
    LogRecord copy = record;
    copy.offset = offset_;
    visitor_.record(copy);
  }

 private:
  std::uint64_t offset_;
  LogVisitor& visitor_;
};

}  // namespace

LogPiece syslog_piece(std::string_view line) {
  LogPiece out;
  out.time = syslog_time(line);
  if (out.time.empty()) return out;
  out.kind = LogPiece::Kind::foreign;
  // "name[pid]: [sequence-part] "
  const std::size_t bracket = line.find('[');
  std::size_t end = 0;
  if (bracket == std::string_view::npos || !digits_at(line, bracket + 1, end)) return out;
  out.pid = parse_integer(line.substr(bracket + 1, end - bracket - 1)).value_or(0);
  if (!line.substr(end).starts_with("]: [")) return out;
  std::size_t sequence = 0, part = 0;
  if (!digits_at(line, end + 4, sequence) || sequence >= line.size() || line[sequence] != '-' ||
      !digits_at(line, sequence + 1, part) || !line.substr(part).starts_with("] "))
    return out;
  out.kind = line.substr(sequence + 1, part - sequence - 1) == "1" ? LogPiece::Kind::begins
                                                                   : LogPiece::Kind::goes_on;
  out.text = without_octal(line.substr(part + 2));
  return out;
}

LogPiece cloudsql_piece(std::string_view line) {
  LogPiece out;
  if (!line.starts_with('{')) return out;
  const auto time = json_string(line, "\"timestamp\":");
  auto text = json_string(line, "\"textPayload\":");
  LogRecord record;
  if (!time || !parse_log_time(*time, record)) return out;
  out.kind = text ? LogPiece::Kind::either : LogPiece::Kind::foreign;
  if (!text) return out;
  std::string utc = to_rfc3339(record.at);  // "2020-05-02T13:00:20.382Z"
  utc[10] = ' ';
  utc.pop_back();
  out.time = utc + " UTC";
  out.text = *std::move(text);
  return out;
}

Result<std::unique_ptr<LogReader>> AssembledLogReader::make(LogFormat format, std::string_view prefix) {
  SIGNALBOX_TRY(LinePrefix compiled,
                LinePrefix::compile(std::string(header_of(format)) + std::string(prefix)));
  return std::unique_ptr<LogReader>(new AssembledLogReader(format, std::move(compiled)));
}

std::size_t AssembledLogReader::last_begin(std::string_view text) const {
  return text.rfind('\n') + 1;  // of npos: 0
}

std::size_t AssembledLogReader::read(std::string_view text, std::uint64_t offset, More more,
                                     LogVisitor& visitor) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t newline = text.find('\n', at);
    if (newline == std::string_view::npos && more != More::none && text.size() - at < kMaxRecordBytes) break;
    const std::size_t end = std::min(newline, text.size());
    std::string_view one = text.substr(at, end - at);
    if (one.ends_with('\r')) one.remove_suffix(1);
    if (one.find_first_not_of(" \t") != std::string_view::npos) line(one, offset + at, visitor);
    at = std::min(end + 1, text.size());
  }
  if (more == More::none) {
    while (!open_.empty()) tell(open_.begin(), visitor);
  }
  return at;
}

void AssembledLogReader::line(std::string_view line, std::uint64_t offset, LogVisitor& visitor) {
  ++lines_;
  while (!open_.empty() && open_.begin()->second.last_line + kMostBetween < lines_)
    tell(open_.begin(), visitor);
  LogPiece next = line.size() > kMaxRecordBytes ? LogPiece() : piece_of(format_, line);
  if (next.kind == LogPiece::Kind::broken) return counts_.reject(offset);
  if (next.kind != LogPiece::Kind::foreign) piece(next, offset, visitor);
}

void AssembledLogReader::piece(LogPiece& piece, std::uint64_t offset, LogVisitor& visitor) {
  const std::string whole = as_stderr(piece);
  PrefixFields fields;
  const std::size_t line_end = whole.find('\n');
  const bool has_prefix = prefix_.match(std::string_view(whole).substr(0, line_end), fields);
  if (piece.pid == 0 && has_prefix) piece.pid = fields.record.pid;
  if (piece.pid == 0) piece.pid = last_pid_;
  const bool begins = has_prefix && is_message(fields.severity) && piece.kind != LogPiece::Kind::goes_on;
  if (piece.kind == LogPiece::Kind::begins && !begins) return counts_.reject(offset);
  last_pid_ = piece.pid;
  if (begins) {
    tell_of(piece.pid, visitor);
    if (open_.size() >= kMaxOpen) tell(open_.begin(), visitor);
    by_pid_[piece.pid] = lines_;
    open_[lines_] = {offset, lines_, piece.pid, with_tabs(whole)};
    open_bytes_ += open_[lines_].text.size();
    return tell_all_but(lines_, visitor);
  }
  const auto found = by_pid_.find(piece.pid);
  if (found == by_pid_.end()) return counts_.reject(offset);
  Open& open = open_[found->second];
  open.last_line = lines_;
  const std::size_t before = open.text.size();
  if (before + whole.size() > kMaxRecordBytes) return counts_.reject(offset);
  if (has_prefix) {
    open.text += '\n' + with_tabs(whole);
  } else if (piece.kind == LogPiece::Kind::either || piece.text.starts_with('\t')) {
    open.text += "\n\t";
    open.text += std::string_view(piece.text).substr(piece.text.starts_with('\t') ? 1 : 0);
  } else {
    open.text += piece.text;
  }
  open_bytes_ += open.text.size() - before;
  tell_all_but(found->second, visitor);
}

void AssembledLogReader::tell_all_but(std::uint64_t line, LogVisitor& visitor) {
  if (open_bytes_ - open_[line].text.size() <= kMaxOpenBytes) return;
  while (open_.size() > 1)
    tell(open_.begin()->first == line ? std::next(open_.begin()) : open_.begin(), visitor);
}

void AssembledLogReader::tell_of(std::int64_t pid, LogVisitor& visitor) {
  const auto found = by_pid_.find(pid);
  if (found != by_pid_.end()) tell(open_.find(found->second), visitor);
}

void AssembledLogReader::tell(std::map<std::uint64_t, Open>::iterator open, LogVisitor& visitor) {
  const Open& message = open->second;
  WithOffset with_offset(message.offset, visitor);
  static_cast<void>(inner_.read(message.text, 0, More::none, with_offset));
  const LogCounts counts = inner_.take_counts();
  counts_.records += counts.records;
  for (std::uint64_t i = 0; i < counts.rejected; ++i) counts_.reject(message.offset);
  by_pid_.erase(message.pid);
  open_bytes_ -= message.text.size();
  open_.erase(open);
}

std::string prefix_within(LogFormat format, const std::vector<std::string_view>& lines) {
  std::vector<std::string> texts;
  for (const std::string_view line : lines) {
    LogPiece piece = piece_of(format, line);
    if (piece.kind == LogPiece::Kind::begins || piece.kind == LogPiece::Kind::either) {
      if (piece.text.starts_with('\t')) continue;
      texts.push_back(as_stderr(piece).substr(0, LinePrefix::kMaxPrefixBytes));
      texts.back().resize(std::min(texts.back().size(), texts.back().find('\n')));
    }
  }
  std::string out;
  std::size_t most = 0;
  for (const std::string_view before : kCloudPrefixes) {
    if (format == LogFormat::syslog && !before.empty()) continue;
    for (const std::string_view each : kInnerPrefixes) {
      const std::string prefix = std::string(before) + std::string(each);
      const auto compiled = LinePrefix::compile(std::string(header_of(format)) + prefix);
      const auto count = std::count_if(texts.begin(), texts.end(), [&](const std::string& text) {
        PrefixFields fields;
        return compiled && compiled->match(text, fields);
      });
      if (static_cast<std::size_t>(count) <= most) continue;
      most = static_cast<std::size_t>(count);
      out = prefix;
    }
  }
  return out;
}

}  // namespace signalbox::queries
