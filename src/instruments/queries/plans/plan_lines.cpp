#include "instruments/queries/plans/plan_lines.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
// "(actual" or a whole figure: what a name may follow.
bool is_name_end(std::string_view text) {
  return text.ends_with("(actual") || (!text.empty() && text.back() >= '0' && text.back() <= '9');
}

// What frames are drawn of: ASCII and the box characters of U+2500 to U+257F (e2 94 .. and e2 95 ..).
std::size_t box_at(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '|') return 1;
  if (text.size() >= 3 && text[0] == '\xe2' && (text[1] == '\x94' || text[1] == '\x95')) return 3;
  return 0;
}
bool is_rule(std::string_view line) {
  line = trim(line);
  if (line.empty()) return false;
  while (!line.empty()) {
    const std::size_t box = box_at(line);
    if (box == 0 && line.front() != '-' && line.front() != '+' && line.front() != '=') return false;
    line.remove_prefix(box == 0 ? 1 : box);
  }
  return true;
}
bool is_row_count(std::string_view line) {
  line = trim(line);
  return line.size() > 6 && line.front() == '(' && line[1] >= '0' && line[1] <= '9' &&
         (line.ends_with(" rows)") || line.ends_with(" row)"));
}

// "Key: " with a key of letters, digits, spaces, slashes and hyphens that begins with a capital.
bool begins_detail(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 40 || !is_upper(text.front())) return false;
  const bool ends_well = colon + 1 == text.size() || text[colon + 1] == ' ';
  return ends_well &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
           return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' ' || c == '/' ||
                  c == '-' || c == '_';
         });
}

bool begins_line(std::string_view text, bool is_first) {
  if (is_first) return true;
  if (text.starts_with("->")) return true;
  if (is_plan_label(text)) return true;
  if (text.starts_with("Trigger ") || text.starts_with("Total runtime")) return true;
  return begins_detail(text);
}

// psql ends each line of a value that has several with a plus.
bool has_pluses(const std::vector<std::string_view>& all) {
  const auto count = std::count_if(all.begin(), all.end(), [](std::string_view line) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '|')) line.remove_suffix(1);
    return line.ends_with('+') && !is_rule(line);
  });
  return static_cast<std::size_t>(count) * 2 > all.size();
}

}  // namespace

bool is_plan_label(std::string_view text) {
  for (const std::string_view label : {"CTE ", "SubPlan", "InitPlan"}) {
    if (text.starts_with(label) &&
        (label.back() == ' ' || text.size() == label.size() || text[label.size()] == ' '))
      return true;
  }
  return false;
}

std::string without_frame(std::string_view text) {
  std::string out;
  const auto all = lines(text);
  const bool pluses = has_pluses(all);
  for (std::string_view line : all) {
    if (is_rule(line) || is_row_count(line)) continue;
    // A frame stands at both sides; a plan has neither.
    std::string_view inside = line;
    const std::size_t blank = std::min(inside.find_first_not_of(' '), inside.size());
    if (const std::size_t box = box_at(inside.substr(blank)); box > 0) {
      inside.remove_prefix(blank + box);
      std::string_view end = inside;
      while (!end.empty() && end.back() == ' ') end.remove_suffix(1);
      if (end.ends_with('|')) {
        inside = end.substr(0, end.size() - 1);
      } else if (end.size() >= 3 && box_at(end.substr(end.size() - 3)) == 3) {
        inside = end.substr(0, end.size() - 3);
      }
    }
    // psql marks a line that goes on with + or ↵, a wrapped one with . or ….
    std::string_view end = inside;
    while (!end.empty() && end.back() == ' ') end.remove_suffix(1);
    if (end.ends_with("\xe2\x86\xb5")) {
      inside = end.substr(0, end.size() - 3);
    } else if (pluses && end.ends_with('+')) {
      inside = end.substr(0, end.size() - 1);
    }
    if (trim(inside) == "QUERY PLAN") continue;
    out += inside;
    out += '\n';
  }
  // A tool may have put the whole in quotes.
  const std::string_view whole = trim(out);
  if (whole.size() > 1 && whole.front() == '"' && whole.back() == '"' &&
      whole.find("\"\"") != std::string_view::npos) {
    std::string unquoted;
    for (std::size_t i = 1; i + 1 < whole.size(); ++i) {
      unquoted += whole[i];
      if (whole[i] == '"' && whole[i + 1] == '"') ++i;
    }
    return unquoted;
  }
  return out;
}

std::vector<PlanLine> plan_lines(std::string_view text) {
  std::vector<PlanLine> out;
  int number = 0;
  bool in_quotes = false;
  for (std::string_view line : lines(text)) {
    ++number;
    // pgAdmin puts each line in quotes, double or single by its settings.
    std::string unquoted;
    const std::string_view bare = trim(line);
    if (bare.size() > 1 && bare.front() == bare.back() && (bare.front() == '"' || bare.front() == '\'')) {
      in_quotes = true;
      unquoted = std::string(bare.substr(1, bare.size() - 2));
      line = unquoted;
    }
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    const std::string_view words = line.substr(indent);
    if (trim(words).empty()) continue;
    if (out.empty() && trim(words) == "QUERY PLAN") continue;
    // An open bracket of costs or times is closed before anything else is said.
    const bool open = !out.empty() && out.back().text.rfind('(') != std::string::npos &&
                      out.back().text.find(')', out.back().text.rfind('(')) == std::string::npos &&
                      (out.back().text.find("(cost=") != std::string::npos ||
                       out.back().text.find("(actual") != std::string::npos) &&
                      !begins_line(words, false);
    if (!open && begins_line(words, out.empty())) {
      out.push_back({number, indent, std::string(words)});
    } else {
      // The space before a figure's name may be what the line was broken at.
      const bool begins_figure = open && indent > 0 && is_lower(words.front()) &&
                                 words.substr(0, 6).find('=') != std::string_view::npos;
      if (begins_figure && is_name_end(out.back().text)) out.back().text += ' ';
      out.back().text += line.substr(open || in_quotes ? std::min(indent, line.size()) : 0);
    }
  }
  for (PlanLine& line : out) line.text = std::string(trim(line.text));
  return out;
}

}  // namespace signalbox::queries
