// A Report for a terminal or a pipe. Colour only ever repeats what words already say.
#include "core/base/text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/clock.hpp"
#include "core/report/chart_text.hpp"
#include "core/report/report.hpp"

namespace signalbox {
namespace {

constexpr std::size_t kMinColumn = 8;
constexpr std::size_t kGap = 2;

// Draws one report into one string.
class TextRenderer {
 public:
  TextRenderer(const Report& report, const TextStyle& style) : report_(report), style_(style) {}

  std::string render() {
    line(paint(wrapped(one_line(report_.title), 0), "1"));
    if (!report_.summary.empty())
      line(paint(wrapped(one_line(report_.summary), 0), colour_of(report_.verdict)));
    checks();
    findings();
    if (!style_.quiet) {
      facts();
      for (const Chart& chart : report_.charts) draw(chart);
      for (const Table& table : report_.tables) draw(table);
    }
    next();
    return std::move(out_);
  }

 private:
  void line(std::string_view text) {
    out_ += text;
    out_ += '\n';
  }

  std::string paint(std::string text, std::string_view code) const {
    return style_.colour && !code.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }

  // `text` after what stands `indent` columns to the left of it, broken at spaces so that it fits the
  // terminal. A word too long for a line stays whole.
  std::string wrapped(const std::string& text, std::size_t indent) const {
    constexpr std::size_t kMinRoom = 20;
    const std::size_t room = style_.width > indent + kMinRoom ? style_.width - indent : 0;
    if (room == 0 || display_width(text) <= room) return text;
    std::string out;
    std::size_t column = 0;
    for (const std::string_view word : split(text, ' ')) {
      const std::size_t width = display_width(word);
      if (column > 0 && column + 1 + width > room) {
        out.erase(out.find_last_not_of(' ') + 1);
        out += "\n" + std::string(indent, ' ');
        column = 0;
      } else if (column > 0) {
        out += ' ';
        ++column;
      }
      out += word;
      column += width;
    }
    return out;
  }

  static std::string one_line(std::string_view text) {
    std::string out = printable(text);
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
  }

  static std::string_view colour_of(Verdict verdict) {
    switch (verdict) {
      case Verdict::pass:
        return "1;32";
      case Verdict::warn:
        return "1;33";
      case Verdict::fail:
        return "1;31";
      case Verdict::none:
        return "";
    }
    return "";
  }

  static std::string_view colour_of(Tone tone) {
    switch (tone) {
      case Tone::good:
        return "32";
      case Tone::bad:
        return "31";
      case Tone::caution:
        return "33";
      case Tone::quiet:
        return "2";
      case Tone::plain:
        return "";
    }
    return "";
  }

  static std::string_view signal_of(Verdict verdict) {
    switch (verdict) {
      case Verdict::pass:
        return "● green";
      case Verdict::warn:
        return "◐ amber";
      case Verdict::fail:
        return "○ red";
      case Verdict::none:
        return "· dark";
    }
    return "";
  }

  // The departure board: a signal, the gate's name, the answer; below a red one what was asked and what turns
  // it green.
  void checks() {
    if (report_.checks.empty()) return;
    std::size_t name_width = 0;
    for (const Check& check : report_.checks)
      name_width = std::max(name_width, display_width(one_line(check.name)));
    line("");
    for (const Check& check : report_.checks) {
      if (style_.quiet && check.verdict == Verdict::pass) continue;
      const std::string name = one_line(check.name);
      const std::string pad(name_width - display_width(name), ' ');
      const std::string signal(signal_of(check.verdict));
      const std::string signal_pad(
          display_width("● green") - std::min(display_width("● green"), display_width(signal)), ' ');
      std::string answer = one_line(check.answer);
      if (check.age_s) answer += fmt::format(", {} old", to_text(std::chrono::seconds(*check.age_s)));
      if (check.evidence) answer += fmt::format("  [log #{}]", *check.evidence);
      const std::string indent(2 + display_width("● green") + 2 + name_width + 2, ' ');
      line(fmt::format("  {}{}  {}{}  {}", paint(signal, colour_of(check.verdict)), signal_pad,
                       paint(name, "1"), pad, wrapped(answer, indent.size())));
      if (check.verdict == Verdict::pass) continue;
      if (!check.asked.empty()) {
        std::string asked = "asked: " + one_line(check.asked);
        if (!check.owner.empty()) asked += "; owner: " + one_line(check.owner);
        line(indent + paint(wrapped(asked, indent.size()), "2"));
      }
      if (!check.remedy.empty()) line(indent + "→ " + paint(one_line(check.remedy), "36"));
    }
  }

  void findings() {
    if (report_.findings.empty()) return;
    line("");
    for (const Finding& finding : report_.findings) {
      const std::string_view colour = finding.severity == Severity::error     ? "31"
                                      : finding.severity == Severity::warning ? "33"
                                                                              : "2";
      std::string place;
      if (finding.location) {
        place = one_line(finding.location->file);
        if (finding.location->line > 0) place += fmt::format(":{}", finding.location->line);
        if (finding.location->line > 0 && finding.location->column > 0)
          place += fmt::format(":{}", finding.location->column);
        place += ": ";
      }
      const std::string text = fmt::format("{}{}  [{}]", place, one_line(finding.message), finding.rule);
      const std::size_t indent = 4 + name_of(finding.severity).size();
      line(fmt::format("  {}: {}", paint(std::string(name_of(finding.severity)), colour),
                       wrapped(text, indent)));
      if (!finding.remedy.empty()) line("      → " + paint(one_line(finding.remedy), "36"));
    }
  }

  static std::string value_text(const Json& value) {
    return value.is_string() ? std::string(value.as_string()) : value.dump();
  }

  void facts() {
    if (report_.facts.empty()) return;
    std::size_t width = 0;
    for (const Fact& fact : report_.facts) width = std::max(width, display_width(one_line(fact.name)));
    line("");
    for (const Fact& fact : report_.facts) {
      const std::string name = one_line(fact.name);
      std::string value = one_line(value_text(fact.value));
      if (!fact.unit.empty()) value += " " + fact.unit;
      line(fmt::format("  {}{}  {}", paint(name, "2"), std::string(width - display_width(name), ' '),
                       wrapped(value, 2 + width + 2)));
    }
  }

  std::vector<std::size_t> widths_of(const Table& table) const {
    std::vector<std::size_t> widths;
    for (const Column& column : table.columns) widths.push_back(display_width(one_line(column.name)));
    for (const auto& row : table.rows) {
      for (std::size_t i = 0; i < widths.size() && i < row.size(); ++i)
        widths[i] = std::max(widths[i], display_width(one_line(row[i].text)));
    }
    if (style_.width == 0 || widths.empty()) return widths;
    std::size_t total = 2;
    for (const std::size_t width : widths) total += width + kGap;
    while (total > style_.width) {  // the widest column gives way, one character at a time
      const auto widest = std::max_element(widths.begin(), widths.end());
      if (*widest <= kMinColumn) break;
      --*widest;
      --total;
    }
    return widths;
  }

  void draw(const Table& table) {
    line("");
    if (!table.title.empty()) line(paint(one_line(table.title), "1"));
    const std::vector<std::size_t> widths = widths_of(table);
    const auto row = [&](auto cell_at) {
      std::string text = " ";
      for (std::size_t i = 0; i < widths.size(); ++i) {
        auto [content, colour] = cell_at(i);
        content = cut_to_width(content, widths[i]);
        const std::string pad(widths[i] - std::min(widths[i], display_width(content)), ' ');
        const bool right = table.columns[i].align == Column::Align::right;
        const bool last = i + 1 == widths.size();
        text += " " + (right ? pad : std::string()) + paint(content, colour) +
                (right || last ? std::string() : pad);
        if (!last) text += " ";
      }
      line(text);
    };
    row([&](std::size_t i) {
      return std::pair<std::string, std::string_view>(one_line(table.columns[i].name), "2");
    });
    for (const auto& cells : table.rows) {
      row([&](std::size_t i) {
        return i < cells.size() ? std::pair<std::string, std::string_view>(one_line(cells[i].text),
                                                                           colour_of(cells[i].tone))
                                : std::pair<std::string, std::string_view>("", "");
      });
    }
  }

  void draw(const Chart& chart) {
    line("");
    if (!chart.title.empty()) line(paint(one_line(chart.title), "1"));
    for (const std::string& each : report::chart_lines(chart, style_.width)) line(each);
  }

  void next() {
    if (report_.next.empty()) return;
    line("");
    for (std::size_t i = 0; i < report_.next.size(); ++i)
      line((i == 0 ? "next: " : "      ") + paint(one_line(report_.next[i]), "36"));
  }

  const Report& report_;
  const TextStyle& style_;
  std::string out_;
};

}  // namespace

std::string render_text(const Report& report, const TextStyle& style) {
  return TextRenderer(report, style).render();
}

}  // namespace signalbox
