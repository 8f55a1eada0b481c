#include "instruments/pack/draw/card.hpp"

#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/escape.hpp"
#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/draw/picture.hpp"

namespace signalbox::pack {
namespace {

constexpr std::string_view kStyle = R"(
@page { size: letter; margin: 12mm; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.35 system-ui, 'DejaVu Sans', sans-serif; color: #1a2329; background: #ffffff; }
section { padding: 14px 18px; page-break-after: always; max-width: 1000px; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; gap: 6px 28px; align-items: baseline; border-bottom: 3px solid #1a2329; padding-bottom: 8px; }
h1 { font-size: 34px; line-height: 1.1; margin: 0; }
header p { margin: 0; }
header b { font-size: 20px; }
ul.needed { list-style: none; margin: 10px 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
.swatch { display: inline-block; width: 14px; height: 14px; border: 1px solid #1a2329; vertical-align: -2px; margin-right: 6px; }
ol { list-style: none; padding: 0; margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 12px; }
li.step { border: 1px solid #b9b4a6; border-radius: 8px; padding: 8px 10px; break-inside: avoid; }
li.step h2 { font-size: 17px; margin: 0 0 2px; overflow-wrap: anywhere; }
li.step p { margin: 0; color: #45515a; font-size: 13px; }
li.step svg { width: 100%; height: auto; }
.note { color: #a3241c; font-weight: 700; }
footer { margin-top: 10px; font-size: 12px; color: #58636c; overflow-wrap: anywhere; }
)";

std::string lengths(const std::array<Length, 3>& of) {
  return fmt::format("{} × {} × {} mm", to_text(of[0], LengthUnit::mm), to_text(of[1], LengthUnit::mm),
                     to_text(of[2], LengthUnit::mm));
}

std::string kilograms(Mass mass) {
  return fmt::format("{:.2f} kg", as_number(mass, MassUnit::kg));
}

// How a thing stands, in the words of its own sides.
std::string_view stance(const Item& item, const Placement& placement) {
  const Length longest = std::max({item.size[0], item.size[1], item.size[2]});
  const Length shortest = std::min({item.size[0], item.size[1], item.size[2]});
  if (longest == shortest) return "a cube";
  if (placement.size[2] == shortest) return "lying flat";
  if (placement.size[2] == longest) return "standing on end";
  return "on its long side";
}

std::string needed(const PlanDocument& document, const Package& package) {
  std::map<std::size_t, std::size_t> counts;
  for (const Placement& placement : package.placements) ++counts[placement.item];
  std::string out = "<ul class=\"needed\">\n";
  for (const auto& [item, count] : counts)
    out +=
        fmt::format("<li><span class=\"swatch\" style=\"background:{}\"></span>{} × {}</li>\n",
                    colour_of(item), count, report::escape_markup(printable(document.order.items[item].sku)));
  return out + "</ul>\n";
}

std::string notes(const Item& item) {
  std::string out;
  if (item.no_stack) out += " Nothing on top.";
  if (item.turns == kThisSideUp || item.turns == kAsMeasured) out += " This side up.";
  if (item.max_load) out += fmt::format(" At most {} on top.", kilograms(*item.max_load));
  return out.empty() ? "" : "<p class=\"note\">" + out.substr(1) + "</p>\n";
}

std::string step_html(const PlanDocument& document, const Package& package, const CardStep& step,
                      std::size_t number) {
  const Placement& first = package.placements[step.begin];
  const Item& item = document.order.items[first.item];
  const std::size_t count = step.end - step.begin;
  return fmt::format(
      "<li class=\"step\"><h2>{}. {} × {}</h2>\n<p>{}, {}, {}</p>\n{}{}</li>\n", number, count,
      report::escape_markup(printable(item.sku)), stance(item, first), lengths(first.size),
      first.at[2] == 0 ? "on the floor" : to_text(first.at[2], LengthUnit::mm) + " mm above the floor",
      notes(item),
      picture_svg(document.order, document.boxes[package.box], package, {step.end, step.begin, 280}));
}

}  // namespace

std::vector<CardStep> card_steps(const Package& package) {
  std::vector<CardStep> out;
  for (std::size_t i = 0; i < package.placements.size(); ++i) {
    const Placement& placement = package.placements[i];
    if (!out.empty() && out.back().end - out.back().begin < kMostInStep) {
      const Placement& before = package.placements[out.back().begin];
      if (before.item == placement.item && before.size == placement.size && before.at[2] == placement.at[2]) {
        out.back().end = i + 1;
        continue;
      }
    }
    out.push_back({i, i + 1});
  }
  return out;
}

std::string card_html(const PlanDocument& document) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Packing order "
      "{}</title><style>{}</style></head><body>\n",
      report::escape_markup(printable(document.order.id)), kStyle);
  for (std::size_t i = 0; i < document.plan.packages.size(); ++i) {
    const Package& package = document.plan.packages[i];
    const Box& box = document.boxes[package.box];
    const auto steps = card_steps(package);
    out += fmt::format(
        "<section><header><h1>{}</h1><p><b>{}</b> inside</p><p>package <b>{} of {}</b></p><p>order "
        "<b>{}</b></p><p>{}, weighs <b>{}</b>, {:.0f} % "
        "full</p></header>\n",
        report::escape_markup(printable(box.sku)), lengths(box.inner), i + 1, document.plan.packages.size(),
        report::escape_markup(printable(document.order.id)), counted(package.placements.size(), "unit"),
        kilograms(contents_of(document.order, package) + box.tare), 100 * fill_of(package, box));
    out += needed(document, package) + "<ol>\n";
    for (std::size_t step = 0; step < steps.size(); ++step)
      out += step_html(document, package, steps[step], step + 1);
    out += fmt::format(
        "</ol>\n<footer>Fill what is left, close, weigh, label, scan the box. Plan {}</footer></section>\n",
        report::escape_markup(printable(document.id)));
  }
  return out + "</body></html>\n";
}

}  // namespace signalbox::pack
