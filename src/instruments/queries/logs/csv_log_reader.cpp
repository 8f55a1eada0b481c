#include "instruments/queries/logs/csv_log_reader.hpp"

#include <algorithm>
#include <charconv>

namespace signalbox::queries {
namespace {

constexpr std::size_t kFewestColumns = 22;

std::int64_t integer(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// Where the next line begins that can be a record; npos where none does in `text`.
std::size_t next_begin(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return at;
    ++at;
    if (begins_csv_record(text.substr(at))) return at;
  }
}

}  // namespace

bool begins_csv_record(std::string_view line) {
  constexpr std::size_t kLongestTime = 64;
  std::string_view time = line.substr(0, std::min(line.find(','), kLongestTime));
  if (time.size() == line.size()) return false;
  if (time.size() > 1 && time.front() == '"' && time.back() == '"') time = time.substr(1, time.size() - 2);
  LogRecord record;
  return parse_log_time(time, record);
}

// A quoted field; `at` is behind its first quote, and then behind its last. False where the text ends before
// it is known to.
bool CsvLogReader::quoted(const char*& at, const char* end) {
  const char* const begin = at;
  const char* quote = find_any<'"'>(at, end);
  if (end - quote < 2) return false;  // the quote may be one of two
  if (quote[1] != '"') {
    fields_[count_++] = {begin, static_cast<std::size_t>(quote - begin)};
    at = quote + 1;
    return true;
  }
  char* const first = unquoted_.next;
  char* to = first;
  at = begin;
  while (true) {
    quote = copy_until<'"'>(at, end, to);
    if (end - quote < 2) return false;
    at = quote + 1;
    if (*at != '"') break;
    *to++ = *at++;
  }
  fields_[count_++] = {first, static_cast<std::size_t>(to - first)};
  unquoted_.next = to;
  return true;
}

// One record at the front of `text` as fields_; `length` is with its line end.
CsvLogReader::Outcome CsvLogReader::split(std::string_view text, std::size_t& length) {
  count_ = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    if (count_ >= kMaxColumns) return Outcome::broken;
    if (at < end && *at == '"') {
      if (!quoted(++at, end)) return Outcome::incomplete;
    } else {
      const char* const begin = at;
      at = find_any<',', '\n'>(at, end);
      if (at == end) return Outcome::incomplete;
      std::string_view field(begin, static_cast<std::size_t>(at - begin));
      if (*at == '\n' && field.ends_with('\r')) field.remove_suffix(1);
      fields_[count_++] = field;
    }
    if (*at == '\r' && end - at > 1 && at[1] == '\n') ++at;
    if (*at == '\n') {
      length = static_cast<std::size_t>(at + 1 - text.data());
      return Outcome::record;
    }
    if (*at != ',') return Outcome::broken;
    ++at;
  }
}

bool CsvLogReader::fill(LogRecord& record) {
  if (count_ < kFewestColumns || !times_.read(fields_[0], record)) return false;
  record.user = fields_[1];
  record.database = fields_[2];
  record.pid = integer(fields_[3]);
  record.session = fields_[5];
  record.severity = fields_[11];
  record.sqlstate = fields_[12];
  record.message = fields_[13];
  record.detail = fields_[14];
  record.hint = fields_[15];
  record.context = fields_[18];
  record.statement = fields_[19];
  if (count_ > 22) record.application = fields_[22];
  if (count_ > 25) record.query_id = integer(fields_[25]);
  return true;
}

std::size_t CsvLogReader::last_begin(std::string_view text) const {
  std::size_t newline = text.size();
  while (newline > 0 && (newline = text.rfind('\n', newline - 1)) != std::string_view::npos) {
    if (begins_csv_record(text.substr(newline + 1))) return newline + 1;
  }
  return 0;
}

std::size_t CsvLogReader::read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) {
  unquoted_.begin(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    std::string_view rest = text.substr(at);
    char* const before = unquoted_.next;
    std::size_t length = 0;
    Outcome outcome = split(rest, length);
    if (outcome == Outcome::incomplete) {
      if (more != More::none && rest.size() < kMaxRecordBytes) break;
      if (more == More::none && !rest.ends_with('\n') && rest.size() < kMaxRecordBytes) {
        // The last record may lack its line end.
        ended_ = std::string(rest) + '\n';
        unquoted_.next = before;
        outcome = split(ended_, length);
        length = rest.size();
      }
    }
    LogRecord record;
    record.offset = offset + at;
    if (outcome == Outcome::record && fill(record)) {
      ++counts_.records;
      visitor.record(record);
      at += length;
      continue;
    }
    unquoted_.next = before;
    if (rest.front() == '\n' || rest.starts_with("\r\n")) {  // an empty line
      at += rest.front() == '\n' ? 1 : 2;
      continue;
    }
    counts_.reject(record.offset);
    const std::size_t next = next_begin(rest);
    if (next == std::string_view::npos) return text.size();
    at += next;
  }
  return at;
}

}  // namespace signalbox::queries
