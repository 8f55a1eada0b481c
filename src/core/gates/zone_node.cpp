#include "core/gates/zone_node.hpp"

namespace signalbox::gates {
namespace {

constexpr std::chrono::minutes kFarthestOffset{14 * 60};

// "+01:00" as minutes east of UTC.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  if (!digit(1) || !digit(2) || !digit(4) || !digit(5) || text[4] > '5') return std::nullopt;
  const std::chrono::minutes out((text[1] - '0') * 600 + (text[2] - '0') * 60 + (text[4] - '0') * 10 +
                                 (text[5] - '0'));
  if (out > kFarthestOffset) return std::nullopt;
  return text[0] == '-' ? -out : out;
}

}  // namespace

Result<calendar::Zone> parse_zone_node(const config::Node& node) {
  if (!node.exists()) return calendar::Zone::utc();
  SIGNALBOX_TRY(const std::string name, node.text());
  if (name == "UTC" || name == "Z") return calendar::Zone::utc();
  if (const auto offset = parse_offset(name))
    return calendar::Zone::of(name, {{*offset, false, name}}, {}, std::nullopt);
  auto zone = calendar::read_zone(name);
  if (zone || zone.error().kind != ErrorKind::bad_input) return zone;
  return node.wrong(zone.error().message, zone.error().hint);
}

}  // namespace signalbox::gates
