#include "instruments/queries/logs/stderr_log_reader.hpp"

#include <algorithm>
#include <cstring>

namespace signalbox::queries {
namespace {

// The end of the message that begins at `at`: of its line and of those that go on with a tab, or with a
// space, which editors make of it. npos where the text ends before it is known.
std::size_t end_of_message(std::string_view text, std::size_t at, LogReader::More more) {
  while (true) {
    const std::size_t newline = text.find('\n', at);
    if (newline == std::string_view::npos) return more == LogReader::More::none ? text.size() : newline;
    if (newline + 1 == text.size())
      return more == LogReader::More::none ? text.size() : std::string_view::npos;
    if (text[newline + 1] != '\t' && text[newline + 1] != ' ') return newline + 1;
    at = newline + 1;
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
  if (out.find("\n\t") == std::string_view::npos) return out;
  const std::size_t first = unfolded_.size();
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t fold = out.find("\n\t", at);
    const std::size_t stop = fold == std::string_view::npos ? out.size() : fold + 1;
    unfolded_.append(out.substr(at, stop - at));
    at = fold == std::string_view::npos ? out.size() : fold + 2;
  }
  return std::string_view(unfolded_).substr(first);
}

std::size_t StderrLogReader::read(std::string_view text, std::uint64_t offset, More more,
                                  LogVisitor& visitor) {
  if (unfolded_.capacity() <= text.size()) unfolded_.reserve(text.size() + 1);  // views into it must stay
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
    unfolded_.clear();
  };
  while (at < text.size()) {
    std::size_t end = end_of_message(text, at, more);
    if (end == std::string_view::npos) {
      if (text.size() - taken < kMaxRecordBytes) break;
      end = text.size();
    }
    PrefixFields fields;
    const std::size_t line_end = std::min(text.find('\n', at), end);
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
      current.offset = offset + at;
      current.severity = fields.severity;
      current.message = words(text, at + fields.text, end);
      has_current = true;
    }
    at = end;
  }
  // The last record may have parts that are still to come.
  if (more == More::none) {
    tell();
    return text.size();
  }
  if (has_current && text.size() - taken >= kMaxRecordBytes) {
    tell();
    return at;
  }
  unfolded_.clear();
  return has_current ? taken : std::max(taken, at);
}

}  // namespace signalbox::queries
