#include "instruments/profile/cost_cells.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/value_text.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {

Json text_or_null(std::string_view text) {
  return text.empty() ? Json() : Json(plain_text(text));
}

Json cost_json(const MeasuredCost& cost) {
  return Json::object({{"self", cost.self},
                       {"cumulative", cost.cumulative},
                       {"self_share", share_json(cost.self_share)},
                       {"cumulative_share", share_json(cost.cumulative_share)}});
}

std::vector<Cell> cost_cells(const MeasuredCost* cost, std::string_view unit) {
  if (cost == nullptr || (cost->self == 0 && cost->cumulative == 0)) return std::vector<Cell>(6);
  std::vector<Cell> out;
  for (const auto& [value, share] :
       {std::pair(cost->self, &cost->self_share), std::pair(cost->cumulative, &cost->cumulative_share)}) {
    if (value == 0) {
      out.resize(out.size() + 3);
      continue;
    }
    out.emplace_back(value_text(static_cast<double>(value), unit));
    out.emplace_back(percent_text(share->share));
    out.emplace_back(interval_text(share->interval), Tone::quiet);
  }
  return out;
}

std::vector<Column> cost_columns() {
  constexpr auto kRight = Column::Align::right;
  return {{"self", kRight}, {"self %", kRight}, {"95 %", kRight},
          {"cum", kRight},  {"cum %", kRight},  {"95 %", kRight}};
}

std::string cost_summary(const MeasuredCost& whole, std::int64_t total, const ValueType& value) {
  return fmt::format("{} of {} {} by itself ({}), {} with what it calls ({})",
                     value_text(static_cast<double>(whole.self), value.unit),
                     value_text(static_cast<double>(total), value.unit), printable(value.type),
                     percent_text(whole.self_share.share),
                     value_text(static_cast<double>(whole.cumulative), value.unit),
                     percent_text(whole.cumulative_share.share));
}

}  // namespace signalbox::profile
