#include "instruments/pack/options.hpp"

#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/read/tables.hpp"

namespace signalbox::pack {

std::vector<cli::Option> packing_options() {
  return {
      {"--boxes", "FILE", "the boxes that may be taken, as CSV", {}, false},
      {"--box-columns", "NAMES", "the columns of --boxes, where its first row does not name them", {}, false},
      {"--columns",
       "NAMES",
       "the columns of the orders, as order,sku,qty,l_mm,w_mm,h_mm,weight_g, where their first row does not "
       "name them",
       {},
       false},
      {"--support",
       "RULE",
       "how much of each underside rests on what is below: area:75 (default), area:1 to area:100, none",
       {},
       false},
      {"--objective",
       "WHAT",
       "what is to be least: boxes (default), then their volume, or volume",
       {"boxes", "volume"},
       false},
      {"--effort",
       "LEVEL",
       "how long is searched where a first packing does not do: fast, best (default), prove",
       {"fast", "best", "prove"},
       false},
      {"--time", "DURATION", "at most this for one order, as 50ms; by the effort alone without", {}, false},
      {"--max-packages", "N", "no plan with more boxes", {}, false}};
}

Result<std::string> text_of_file(const std::string& file) {
  if (file != "-") return read_file(file);
  std::string out(std::istreambuf_iterator<char>(std::cin), {});
  if (out.size() > kMaxFileBytes) return fail(ErrorKind::bad_input, "standard input is too large");
  return out;
}

Result<std::vector<Box>> boxes_of(const cli::Arguments& arguments) {
  const auto file = arguments.get("--boxes");
  if (!file)
    return fail(ErrorKind::bad_input, "which boxes are there?",
                "--boxes FILE: CSV with sku, inner_l_mm, inner_w_mm, inner_h_mm …");
  SIGNALBOX_TRY(const std::string text, text_of_file(*file));
  return read_boxes_csv(text, *file, {arguments.get_or("--box-columns", "")});
}

Result<std::vector<Order>> orders_of(const cli::Arguments& arguments, const std::string& file) {
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  return read_orders(text, file, {arguments.get_or("--columns", "")});
}

Result<Support> support_of(const cli::Arguments& arguments, int fallback) {
  const auto word = arguments.get("--support");
  if (!word) return Support{fallback};
  if (*word == "none") return Support{0};
  const auto percent = word->starts_with("area:") ? parse_integer(word->substr(5)) : std::nullopt;
  if (!percent || *percent < 1 || *percent > 100)
    return fail(ErrorKind::bad_input, fmt::format("--support: '{}' is no rule", printable(*word)),
                "area:75 or none");
  return Support{static_cast<int>(*percent)};
}

Result<std::int64_t> number_of(const cli::Arguments& arguments, std::string_view option, std::int64_t low,
                               std::int64_t high, std::int64_t fallback) {
  const auto word = arguments.get(option);
  if (!word) return fallback;
  const auto value = parse_integer(*word);
  if (!value || *value < low || *value > high)
    return fail(ErrorKind::bad_input,
                fmt::format("{}: a whole number between {} and {} is meant", option, low, high));
  return *value;
}

Result<std::chrono::milliseconds> duration_from(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits{
      {{"ms", 1}, {"min", 60'000}, {"s", 1000}}};
  for (const auto& [unit, factor] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto value = parse_integer(text.substr(0, text.size() - unit.size()));
    if (value && *value > 0 && *value <= 86'400'000 / factor)
      return std::chrono::milliseconds(*value * factor);
    break;
  }
  return fail(ErrorKind::bad_input, fmt::format("'{}' is no duration", printable(text)), "50ms, 10s or 2min");
}

Result<Asked> request_of(const cli::Arguments& arguments) {
  Asked out;
  out.objective = arguments.get_or("--objective", "boxes");
  out.request.price = out.objective == "volume" ? least_volume() : fewest_boxes();
  const std::string effort = arguments.get_or("--effort", "best");
  out.request.effort = effort == "fast" ? 1 : effort == "best" ? 4 : 32;
  SIGNALBOX_TRY(out.request.support, support_of(arguments, 75));
  SIGNALBOX_TRY(out.request.max_packages, number_of(arguments, "--max-packages", 1, 1'000'000, 1000));
  if (const auto time = arguments.get("--time")) {
    SIGNALBOX_TRY(out.request.time, duration_from(*time));
  }
  return out;
}

}  // namespace signalbox::pack
