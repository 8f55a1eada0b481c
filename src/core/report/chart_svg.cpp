#include "core/report/chart_svg.hpp"

#include <fmt/format.h>

#include "core/report/chart_data.hpp"
#include "core/report/chart_drawing.hpp"
#include "core/report/escape.hpp"
#include "core/report/html_table.hpp"

namespace signalbox::report {
namespace {

constexpr std::size_t kNumbersMax = 200;  // rows of the table under a figure

std::string numbers(const Chart& chart) {
  const Table table = numbers_of(chart, kNumbersMax);
  const std::string part = table.title.empty() ? "" : ": " + table.title;
  return "<details><summary>The numbers" + part + "</summary>" + html_table(table) + "</details>";
}

std::string swatch(Chart::Kind kind, std::size_t series) {
  return kind == Chart::Kind::bar ? fmt::format("<rect class=\"s{}\" width=\"24\" height=\"10\"/>", series)
                                  : fmt::format("<path class=\"l s{}\" d=\"M0 5h24\"/>", series);
}

std::string legend(const Chart& chart) {
  std::string out;
  if (chart.series.size() > 1) {
    out += "<ul class=\"legend\">";
    for (std::size_t i = 0; i < drawn_series(chart); ++i)
      out += fmt::format("<li><svg viewBox=\"0 0 24 10\" aria-hidden=\"true\">{}</svg> {}</li>",
                         swatch(chart.kind, i), escape_markup(chart.series[i].name));
    out += "</ul>";
  }
  const std::string missing = left_out(chart);
  return missing.empty() ? out : out + "<p class=\"quiet\">" + missing + "</p>";
}

}  // namespace

std::string_view chart_style() {
  return R"css(
:root{--s0:#1f5fa8;--s1:#b4540a;--s2:#00796b;--s3:#8e3a8c;--s4:#6b6500;--s5:#4b5563}
@media(prefers-color-scheme:dark){:root{--s0:#7cb7f5;--s1:#f5a95b;--s2:#4fd1b8;--s3:#e39be0;--s4:#d3cf5a;--s5:#c9d1da}}
.charts{display:flex;flex-wrap:wrap;gap:0 2rem}figure{flex:1 1 27rem;max-width:34rem;min-width:0;margin:2rem 0 0}figcaption{font-size:1.1rem;font-weight:700;margin-bottom:.5rem}
figure svg{display:block;width:100%;height:auto;overflow:visible}figure text{font:12px system-ui,sans-serif;fill:var(--soft)}.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
.s0{fill:var(--s0);stroke:var(--s0)}.s1{fill:var(--s1);stroke:var(--s1)}.s2{fill:var(--s2);stroke:var(--s2)}.s3{fill:var(--s3);stroke:var(--s3)}.s4{fill:var(--s4);stroke:var(--s4)}.s5{fill:var(--s5);stroke:var(--s5)}
rect{stroke-width:0}.l{fill:none;stroke-width:2;stroke-linejoin:round}.l.s1{stroke-dasharray:7 3}.l.s2{stroke-dasharray:2 2.5}.l.s3{stroke-dasharray:9 3 2 3}.l.s4{stroke-dasharray:4 4}.l.s5{stroke-dasharray:12 4}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;margin:.4rem 0;padding:0}.legend svg{display:inline-block;width:24px;height:10px}summary{cursor:pointer;color:var(--soft)}
@media(max-width:40rem){figure text{font-size:13px}})css";
}

std::string chart_figure(const Chart& chart, std::string_view id) {
  const bool lying = chart.kind == Chart::Kind::bar && !chart.categories.empty();
  const Picture picture = !has_points(chart) ? Picture{"<text x=\"0\" y=\"20\">no values</text>", 30}
                          : lying            ? draw_lying_bars(chart)
                                             : draw_plot(chart);
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1:.0f} {2:.0f}\" role=\"img\" "
      "aria-labelledby=\"{3}-t {3}-d\"><title id=\"{3}-t\">{0}</title><desc "
      "id=\"{3}-d\">{4}</desc>{5}</svg>{6}{7}"
      "</figure>\n",
      escape_markup(chart.title), kWidth, picture.height, id, escape_markup(description_of(chart)),
      picture.elements, legend(chart), numbers(chart));
}

}  // namespace signalbox::report
