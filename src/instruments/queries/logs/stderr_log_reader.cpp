#include "instruments/queries/logs/stderr_log_reader.hpp"

#include <algorithm>
#include <bit>

namespace signalbox::queries {
namespace {

// The end of the message that begins at `at`: of its line and of those that go on with a tab, or with a
// space, which editors make of it. npos where the text ends before it is known.
std::size_t end_of_message(std::string_view text, std::size_t at, LogReader::More more) {
  const char* const end = text.data() + text.size();
  const char* next = text.data() + at;
  for (; end - next > kBlock; next += 64) {
    std::uint64_t goes_on = places_of<'\t', ' '>(next) >> 1;
    if (next[64] == '\t' || next[64] == ' ') goes_on |= std::uint64_t{1} << 63;
    const std::uint64_t places = places_of<'\n'>(next) & ~goes_on;
    if (places != 0) return static_cast<std::size_t>(next + std::countr_zero(places) + 1 - text.data());
  }
  for (;; ++next) {
    next = find_any<'\n'>(next, end);
    if (end - next < 2) return more == LogReader::More::follows ? std::string_view::npos : text.size();
    if (next[1] != '\t' && next[1] != ' ') return static_cast<std::size_t>(next + 1 - text.data());
  }
}

// What a line adds to the record before it; nullptr where it begins one.
std::string_view LogRecord::*part_of(std::string_view severity) {
  if (severity == "DETAIL") return &LogRecord::detail;
  if (severity == "HINT") return &LogRecord::hint;
  if (severity == "CONTEXT") return &LogRecord::context;
  if (severity == "STATEMENT") return &LogRecord::statement;
  return nullptr;
}
bool is_other_part(std::string_view severity) {
  return severity == "QUERY" || severity == "LOCATION" || severity == "BACKTRACE";
}

}  // namespace

// The words of a message, whose further lines begin with a tab that is not theirs.
std::string_view StderrLogReader::words(std::string_view text, std::size_t begin, std::size_t end) {
  std::string_view out = text.substr(begin, end - begin);
  while (out.ends_with('\n') || out.ends_with('\r')) out.remove_suffix(1);
  const char* at = out.data();
  const char* const stop = at + out.size();
  if (find_any<'\n'>(at, stop) == stop) return out;
  char* const first = unfolded_.next;
  char* to = first;
  bool after_newline = false;
  for (; stop - at > kBlock; at += 64) {
    const std::uint64_t newlines = places_of<'\n'>(at);
    const char* from = at;
    for (std::uint64_t tabs = places_of<'\t'>(at) & (newlines << 1 | (after_newline ? 1 : 0)); tabs != 0;
         tabs &= tabs - 1) {
      const char* const tab = at + std::countr_zero(tabs);
      to = copy_run(from, tab, to);
      from = tab + 1;
    }
    if (from < at + 64) to = copy_run(from, at + 64, to);
    after_newline = newlines >> 63 != 0;
  }
  if (after_newline && at < stop && *at == '\t') ++at;
  while (true) {
    at = copy_until<'\n'>(at, stop, to);
    if (at == stop) break;
    *to++ = *at++;
    if (at < stop && *at == '\t') ++at;
  }
  unfolded_.next = to;
  return {first, static_cast<std::size_t>(to - first)};
}

std::size_t StderrLogReader::last_begin(std::string_view text) const {
  std::size_t newline = text.size();
  while (newline > 0 && (newline = text.rfind('\n', newline - 1)) != std::string_view::npos) {
    if (begins_record(text.substr(newline + 1))) return newline + 1;
  }
  return 0;
}

// Whether the line in front is whole, and no part of the record before it.
bool StderrLogReader::begins_record(std::string_view text) const {
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos || newline == 0 || text.front() == '\t' || text.front() == ' ')
    return false;
  PrefixFields fields;
  return prefix_.match(text.substr(0, newline), fields) && part_of(fields.severity) == nullptr &&
         !is_other_part(fields.severity);
}

std::size_t StderrLogReader::read(std::string_view text, std::uint64_t offset, More more,
                                  LogVisitor& visitor) {
  unfolded_.begin(text.size());
  std::size_t at = 0;
  std::size_t taken = 0;  // up to here all is told
  LogRecord current;
  bool has_current = false;
  const auto tell = [&] {
    if (has_current) {
      ++counts_.records;
      visitor.record(current);
    }
    has_current = false;
  };
  while (at < text.size()) {
    std::size_t end = end_of_message(text, at, more);
    if (end == std::string_view::npos) {
      if (text.size() - taken < kMaxRecordBytes) {
        // It may go on, but what was before it does not.
        if (has_current && begins_record(text.substr(at))) {
          tell();
          taken = at;
        }
        break;
      }
      end = text.size();
    }
    PrefixFields fields;
    const std::size_t line_end =
        static_cast<std::size_t>(find_any<'\n'>(text.data() + at, text.data() + end) - text.data());
    if (!prefix_.match(text.substr(at, line_end - at), fields)) {
      const bool empty = text.substr(at, end - at).find_first_not_of(" \t\r\n") == std::string_view::npos;
      if (!empty) {
        tell();  // what follows is not of the record before
        counts_.reject(offset + at);
        taken = end;
      }
      at = end;
      if (!has_current) taken = at;
      continue;
    }
    std::string_view LogRecord::*const part = part_of(fields.severity);
    const bool belongs = part != nullptr || is_other_part(fields.severity);
    if (belongs && has_current && fields.record.session == current.session) {
      if (part != nullptr) current.*part = words(text, at + fields.text, end);
    } else if (!belongs) {
      tell();
      taken = at;
      current = fields.record;
      if (!fields.time.empty()) times_.read(fields.time, current);
      current.offset = offset + at;
      current.severity = fields.severity;
      current.message = words(text, at + fields.text, end);
      has_current = true;
    }
    at = end;
  }
  // The last record may have parts that are still to come.
  if (more != More::follows) {
    tell();
    return text.size();
  }
  if (has_current && text.size() - taken >= kMaxRecordBytes) {
    tell();
    return at;
  }
  return has_current ? taken : std::max(taken, at);
}

}  // namespace signalbox::queries
