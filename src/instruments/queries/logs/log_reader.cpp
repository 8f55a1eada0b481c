#include "instruments/queries/logs/log_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/logs/assembled_log_reader.hpp"
#include "instruments/queries/logs/csv_log_reader.hpp"
#include "instruments/queries/logs/json_log_reader.hpp"
#include "instruments/queries/logs/line_prefix.hpp"
#include "instruments/queries/logs/stderr_log_reader.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kDetectedLines = 400;
// Prefixes of servers, packages and services, those that tell more first; of equals the first counts.
constexpr std::string_view kPrefixes[] = {
    "%m [%p] %u@%d %a %Q ",
    "%m [%p] %q%u@%d %a %Q ",
    "%m [%p] %u@%d %Q ",
    "%m [%p] %q%u@%d %Q ",
    "%m [%p] %Q ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h,queryid=%Q ",
    "%t [%p]: [%l-1] queryid=%Q,user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: db=%d,user=%u,app=%a,client=%h ",
    "%m [%p] [queryid=%Q] %q%u@%d ",
    "%t [%p]: [%l-1] [%x] usr=%u,db=%d,appli=%a ",
    "%m [%p] %quser=%u,db=%d ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
    "%t [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
    "%m [%p] %q%u@%d ",
    "%t [%p] %q%u@%d ",
    "%m [%p] %u@%d ",
    "%t [%p] %u@%d ",
    "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%m [%p]: ",
    "%m [%p-%l] ",
    "%m [%p-%l] %q%u@%d ",
    "%n [%p] ",
    "%m [%p] ",
    "%t [%p]: [%l-1] ",
    "%t [%p] ",
    "%m ",
    "%t ",
};

// How many of these lines a prefix takes.
std::size_t matches(const LinePrefix& prefix, const std::vector<std::string_view>& lines) {
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](std::string_view line) {
    PrefixFields fields;
    return prefix.match(line, fields);
  }));
}

DetectedLog wrapped_in_json(const std::vector<std::string_view>& lines) {
  const auto has = [&](std::string_view words) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](std::string_view line) { return line.find(words) != std::string_view::npos; });
  };
  if (has("\"logger\":") && has(kCnpgRecord)) return {LogFormat::cnpg, {}};
  if (has("\"textPayload\":")) return {LogFormat::cloudsql, prefix_within(LogFormat::cloudsql, lines)};
  return {LogFormat::jsonlog, {}};
}

bool looks_like_csv(std::string_view line) {
  // log_time,user_name,… : a time, then a comma.
  return begins_csv_record(line) && std::count(line.begin(), line.end(), ',') >= 10;
}

}  // namespace

std::string_view name_of(LogFormat format) {
  return kLogFormats[static_cast<int>(format)];
}

std::optional<LogFormat> log_format_from(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kLogFormats); ++i) {
    if (name == kLogFormats[i]) return static_cast<LogFormat>(i);
  }
  if (name == "rds") return LogFormat::stderr_text;
  return std::nullopt;
}

bool can_share(LogFormat format) {
  return format != LogFormat::syslog && format != LogFormat::cloudsql;
}

void LogCounts::reject(std::uint64_t offset) {
  ++rejected;
  if (rejected_at.size() < kMaxRejected) rejected_at.push_back(offset);
}

Result<std::unique_ptr<LogReader>> make_log_reader(LogFormat format, std::string_view prefix) {
  if (format == LogFormat::jsonlog) return std::unique_ptr<LogReader>(std::make_unique<JsonLogReader>());
  if (format == LogFormat::cnpg)
    return std::unique_ptr<LogReader>(std::make_unique<JsonLogReader>(LogFormat::cnpg));
  if (!can_share(format)) return AssembledLogReader::make(format, prefix);
  if (format == LogFormat::csvlog) return std::unique_ptr<LogReader>(std::make_unique<CsvLogReader>());
  SIGNALBOX_TRY(LinePrefix compiled, LinePrefix::compile(prefix));
  return std::unique_ptr<LogReader>(std::make_unique<StderrLogReader>(std::move(compiled)));
}

Result<DetectedLog> detect_log(std::string_view begin) {
  std::vector<std::string_view> begins;  // of records: continuation lines begin with a tab
  for (const std::string_view line : lines(begin)) {
    if (line.empty() || line.front() == '\t') continue;
    begins.push_back(line);
    if (begins.size() == kDetectedLines) break;
  }
  if (begins.empty()) return fail(ErrorKind::bad_input, "the file is empty");
  if (begins.front().front() == '{') return wrapped_in_json(begins);
  const auto of_syslog = std::count_if(begins.begin(), begins.end(), [](std::string_view line) {
    const auto kind = syslog_piece(line).kind;
    return kind == LogPiece::Kind::begins || kind == LogPiece::Kind::goes_on;
  });
  if (2 * static_cast<std::size_t>(of_syslog) > begins.size())
    return DetectedLog{LogFormat::syslog, prefix_within(LogFormat::syslog, begins)};
  if (std::any_of(begins.begin(), begins.end(), looks_like_csv) && looks_like_csv(begins.front()))
    return DetectedLog{LogFormat::csvlog, {}};
  std::size_t most = 0;
  DetectedLog out;
  for (const std::string_view each : kPrefixes) {
    const auto prefix = LinePrefix::compile(each);
    const std::size_t count = prefix ? matches(*prefix, begins) : 0;
    if (count <= most) continue;
    most = count;
    out.prefix = each;
  }
  if (most * 2 < begins.size()) {
    return fail(ErrorKind::bad_input,
                fmt::format("neither jsonlog nor csvlog, and no log_line_prefix that is known fits: `{}`",
                            printable(escape_invalid_utf8(begins.front().substr(0, 80)))),
                "--prefix '…' as `show log_line_prefix` says it");
  }
  return out;
}

}  // namespace signalbox::queries
