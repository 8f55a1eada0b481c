#include "core/store/sql_text.hpp"

#include <cctype>
#include <utility>

#include "core/base/text.hpp"

namespace signalbox::store {
namespace {

// Where the quoted text, comment or single character that begins at `at` ends.
std::size_t end_of_piece(std::string_view sql, std::size_t at) {
  const char first = sql[at];
  if (first == '\'' || first == '"') {
    const std::size_t end = sql.find(first, at + 1);
    return end == std::string_view::npos ? sql.size() : end + 1;
  }
  if (sql.substr(at, 2) == "--") {
    const std::size_t end = sql.find('\n', at);
    return end == std::string_view::npos ? sql.size() : end;
  }
  return at + 1;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view word_for_postgresql(std::string_view word) {
  if (word == "INTEGER") return "bigint";
  if (word == "REAL") return "double precision";
  if (word == "BLOB") return "bytea";
  if (word == "TEXT") return "text collate \"C\"";
  return word;
}

}  // namespace

std::vector<std::string> split_statements(std::string_view script) {
  std::vector<std::string> out;
  std::string current;
  const auto flush = [&] {
    if (!trim(current).empty()) out.emplace_back(trim(current));
    current.clear();
  };
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = end_of_piece(script, at);
    if (script.substr(at, 2) == "--") {
      current += ' ';
    } else if (script[at] == ';') {
      flush();
    } else {
      current += script.substr(at, end - at);
    }
    at = end;
  }
  flush();
  return out;
}

std::string to_postgresql(std::string_view sql) {
  std::string out;
  out.reserve(sql.size() + 16);
  int parameters = 0;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '?') {
      out += '$' + std::to_string(++parameters);
      ++at;
    } else if (is_word(sql[at])) {
      std::size_t end = at;
      while (end < sql.size() && is_word(sql[end])) ++end;
      const std::string_view word = sql.substr(at, end - at);
      constexpr std::string_view kWithoutRowid = "WITHOUT ROWID";
      if (sql.substr(at, kWithoutRowid.size()) == kWithoutRowid) {
        end = at + kWithoutRowid.size();
      } else {
        out += word_for_postgresql(word);
      }
      at = end;
    } else {
      const std::size_t end = end_of_piece(sql, at);
      out += sql.substr(at, end - at);
      at = end;
    }
  }
  return out;
}

std::string select_dialect(std::string_view script, Dialect dialect) {
  constexpr std::pair<Dialect, std::string_view> kMarks[] = {{Dialect::sqlite, "--sqlite "},
                                                             {Dialect::postgresql, "--postgresql "}};
  std::string out;
  for (std::string_view line : lines(script)) {
    bool keep = true;
    for (const auto& [owner, mark] : kMarks) {
      if (!line.starts_with(mark)) continue;
      keep = owner == dialect;
      line.remove_prefix(mark.size());
      break;
    }
    if (keep) out.append(line).append("\n");
  }
  return out;
}

}  // namespace signalbox::store
