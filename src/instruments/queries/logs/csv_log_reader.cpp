#include "instruments/queries/logs/csv_log_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace signalbox::queries {
namespace {

constexpr std::size_t kFewestColumns = 22;
constexpr std::size_t kMaxColumns = 64;

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

// One record at the front of `text` as fields_; `length` is with its line end.
CsvLogReader::Outcome CsvLogReader::split(std::string_view text, std::size_t& length) {
  fields_.clear();
  unquoted_.clear();
  std::size_t at = 0;
  while (true) {
    if (fields_.size() >= kMaxColumns) return Outcome::broken;
    if (at < text.size() && text[at] == '"') {
      const std::size_t first = unquoted_.size();
      std::size_t begin = ++at;
      bool copied = false;
      while (true) {
        const std::size_t quote = text.find('"', at);
        if (quote == std::string_view::npos) return Outcome::incomplete;
        if (quote + 1 >= text.size()) {
          length = text.size();
          return Outcome::incomplete;  // the quote may be one of two
        }
        if (text[quote + 1] == '"') {
          unquoted_.append(text.substr(begin, quote + 1 - begin));
          copied = true;
          at = begin = quote + 2;
          continue;
        }
        if (copied) unquoted_.append(text.substr(begin, quote - begin));
        fields_.push_back(copied ? std::string_view(unquoted_).substr(first)
                                 : text.substr(begin, quote - begin));
        at = quote + 1;
        break;
      }
    } else {
      const std::size_t end = text.find_first_of(",\n", at);
      if (end == std::string_view::npos) return Outcome::incomplete;
      std::string_view field = text.substr(at, end - at);
      if (text[end] == '\n' && field.ends_with('\r')) field.remove_suffix(1);
      fields_.push_back(field);
      at = end;
    }
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
    if (text[at] == '\n') {
      length = at + 1;
      return Outcome::record;
    }
    if (text[at] != ',') return Outcome::broken;
    ++at;
  }
}

bool CsvLogReader::fill(LogRecord& record) const {
  if (fields_.size() < kFewestColumns || !parse_log_time(fields_[0], record)) return false;
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
  if (fields_.size() > 22) record.application = fields_[22];
  if (fields_.size() > 25) record.query_id = integer(fields_[25]);
  return true;
}

std::size_t CsvLogReader::read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) {
  if (unquoted_.capacity() <= text.size()) unquoted_.reserve(text.size() + 1);  // views into it must stay
  std::size_t at = 0;
  while (at < text.size()) {
    std::string_view rest = text.substr(at);
    // The last record may lack its line end.
    std::string ended;
    std::size_t length = 0;
    Outcome outcome = split(rest, length);
    if (outcome == Outcome::incomplete) {
      if (more == More::follows && rest.size() < kMaxRecordBytes) break;
      if (more == More::none && !rest.ends_with('\n') && rest.size() < kMaxRecordBytes) {
        ended = std::string(rest) + '\n';
        outcome = split(ended, length);
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
