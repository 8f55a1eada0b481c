#include "instruments/profile/draw/flame_svg.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "core/report/escape.hpp"
#include "instruments/profile/draw/flame_data.hpp"
#include "instruments/profile/draw/shown_name.hpp"
#include "instruments/profile/draw/still_picture.hpp"
#include "instruments/profile/draw/web_sources.hpp"

namespace signalbox::profile {

namespace {

constexpr int kTries = 8;
constexpr double kLeastStep = 1.25;  // from one share to the next

// A share at which at most this part of the tree's boxes is left: all that are as small as the smallest of
// them go.
double share_of_part(const FlameTree& tree, double part) {
  std::vector<std::int64_t> totals;
  for (const FlameNode& node : tree.nodes) totals.push_back(node.now.total);
  const auto left = static_cast<std::size_t>(static_cast<double>(totals.size()) * part);
  const auto at = totals.begin() + static_cast<std::ptrdiff_t>(std::min(left, totals.size() - 1));
  std::nth_element(totals.begin(), at, totals.end(), std::greater<>());
  return tree.total() > 0 ? (static_cast<double>(*at) + 0.5) / static_cast<double>(tree.total()) : 0;
}

std::string metadata_of(const FlameTree& tree) {
  std::string out = fmt::format(
      "<metadata>\n<profile xmlns=\"https://signalbox.dev/profile/flame/v1\" type=\"{}\" unit=\"{}\" "
      "total=\"{}\" samples=\"{}\">\n",
      report::escape_markup(plain_text(tree.value.type)), report::escape_markup(plain_text(tree.value.unit)),
      tree.total(), tree.samples());
  for (const auto& [key, text] : tree.facts)
    out += fmt::format("<fact name=\"{}\">{}</fact>\n", report::escape_markup(plain_text(key)),
                       report::escape_markup(plain_text(text)));
  return out + "</profile>\n</metadata>\n";
}

}  // namespace

std::string render_flame_svg(const FlameTree& tree, const FlameStyle& style) {
  const StillPicture picture = still_picture(tree, style);
  const std::string title = report::escape_markup(title_of(tree, style));
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
      "<title>{2}</title>\n",
      kPictureWidth, picture.height, title);
  out += metadata_of(tree);
  out.append("<style>\n").append(flame_css()).append("</style>\n");
  out += fmt::format("<g id=\"still\">\n<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n", kPictureWidth,
                     picture.height);
  out.append(picture.markup).append("</g>\n");
  out.append("<script type=\"application/json\" id=\"flame-data\">").append(flame_data_json(tree, style));
  out.append("</script>\n<script><![CDATA[\n").append(svg_script()).append("]]></script>\n</svg>\n");
  return out;
}

std::string fitted_flame_svg(const std::function<FlameTree(double share)>& make, double share,
                             std::size_t octets) {
  std::string out;
  for (int tries = 0; tries < kTries; ++tries) {
    const FlameTree tree = make(share);
    out = render_flame_svg(tree);
    if (out.size() <= octets) break;
    const double part = static_cast<double>(octets) / static_cast<double>(out.size());
    share = std::max(share * kLeastStep, share_of_part(tree, part));
  }
  return out;
}

std::string fitted_flame_svg(const Profile& profile, FlameOptions options) {
  return fitted_flame_svg(
      [&](double share) {
        options.prune_share = share;
        return make_flame_tree(profile, options);
      },
      options.prune_share);
}

}  // namespace signalbox::profile
