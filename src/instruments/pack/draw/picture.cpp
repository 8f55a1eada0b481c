#include "instruments/pack/draw/picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/escape.hpp"

namespace signalbox::pack {
namespace {

// The eye is at large x, small y, large z: x goes to the right and down, y to the right and up.
constexpr double kCos = 0.8660254037844386;
constexpr double kSin = 0.5;
constexpr double kMargin = 8;

struct Point {
  double x = 0;
  double y = 0;
};
using Spot = std::array<double, 3>;

struct Colour {
  int red, green, blue;
};
constexpr std::array<Colour, 12> kColours{{{76, 120, 168},
                                           {245, 133, 24},
                                           {84, 162, 75},
                                           {228, 87, 86},
                                           {114, 183, 178},
                                           {178, 121, 162},
                                           {238, 202, 59},
                                           {157, 117, 93},
                                           {99, 110, 190},
                                           {255, 157, 166},
                                           {130, 160, 60},
                                           {120, 120, 128}}};

std::string hex(const Colour& colour, double light, double pale) {
  const auto part = [&](int value) {
    const double shaded = value * light;
    return std::clamp(static_cast<int>(shaded + (242 - shaded) * pale), 0, 255);
  };
  return fmt::format("#{:02x}{:02x}{:02x}", part(colour.red), part(colour.green), part(colour.blue));
}

// Millimetres of the box to pixels.
class View {
 public:
  View(const Box& box, double width) {
    for (std::size_t axis = 0; axis < 3; ++axis) side_[axis] = as_number(box.inner[axis], LengthUnit::mm);
    const double wide = (side_[0] + side_[1]) * kCos;
    scale_ = (width - 2 * kMargin) / wide;
    width_ = width;
    height_ = ((side_[0] + side_[1]) * kSin + side_[2]) * scale_ + 2 * kMargin;
  }
  Point at(const Spot& spot) const {
    return {kMargin + (spot[0] + spot[1]) * kCos * scale_,
            kMargin + (side_[2] - spot[2] + side_[1] * kSin + (spot[0] - spot[1]) * kSin) * scale_};
  }
  double width() const { return width_; }
  double height() const { return height_; }
  const Spot& side() const { return side_; }

 private:
  Spot side_{};
  double scale_ = 1;
  double width_ = 0;
  double height_ = 0;
};

std::string points(const View& view, std::initializer_list<Spot> spots) {
  std::string out;
  for (const Spot& spot : spots) {
    const Point point = view.at(spot);
    out += fmt::format("{}{:.1f},{:.1f}", out.empty() ? "" : " ", point.x, point.y);
  }
  return out;
}

std::string polygon(const View& view, std::initializer_list<Spot> spots, std::string_view style) {
  return fmt::format("<polygon points=\"{}\" {}/>\n", points(view, spots), style);
}

// The far sides of the box from inside, or its near edges over all that is in it.
std::string walls(const View& view) {
  const auto& [l, w, h] = view.side();
  constexpr std::string_view kWall = "fill=\"#f4efe6\" stroke=\"#b9a88a\" stroke-width=\"1\"";
  return polygon(view, {{0, 0, 0}, {l, 0, 0}, {l, w, 0}, {0, w, 0}}, kWall) +
         polygon(view, {{0, 0, 0}, {0, w, 0}, {0, w, h}, {0, 0, h}}, kWall) +
         polygon(view, {{0, w, 0}, {l, w, 0}, {l, w, h}, {0, w, h}}, kWall);
}

std::string near_edges(const View& view) {
  const auto& [l, w, h] = view.side();
  constexpr std::string_view kEdge =
      "fill=\"none\" stroke=\"#8a7a5c\" stroke-width=\"1\" stroke-dasharray=\"4 3\"";
  return polygon(view, {{0, 0, 0}, {l, 0, 0}, {l, 0, h}, {0, 0, h}}, kEdge) +
         polygon(view, {{l, 0, 0}, {l, w, 0}, {l, w, h}, {l, 0, h}}, kEdge);
}

std::string cuboid(const View& view, const Placement& placement, bool is_fresh, std::size_t number) {
  Spot a{};
  Spot b{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    a[axis] = as_number(placement.at[axis], LengthUnit::mm);
    b[axis] = as_number(placement.at[axis] + placement.size[axis], LengthUnit::mm);
  }
  const Colour& colour = kColours[placement.item % kColours.size()];
  const double pale = is_fresh ? 0 : 0.65;
  const auto style = [&](double light) {
    return fmt::format("fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                       hex(colour, light, pale), is_fresh ? "#1a2329" : "#9aa2a6", is_fresh ? "1" : "0.6");
  };
  std::string out =
      polygon(view, {{a[0], a[1], b[2]}, {b[0], a[1], b[2]}, {b[0], b[1], b[2]}, {a[0], b[1], b[2]}},
              style(1.12)) +
      polygon(view, {{a[0], a[1], a[2]}, {b[0], a[1], a[2]}, {b[0], a[1], b[2]}, {a[0], a[1], b[2]}},
              style(0.92)) +
      polygon(view, {{b[0], a[1], a[2]}, {b[0], b[1], a[2]}, {b[0], b[1], b[2]}, {b[0], a[1], b[2]}},
              style(0.74));
  if (is_fresh) {
    const Point middle = view.at({(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, b[2]});
    out += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"11\" font-weight=\"700\" text-anchor=\"middle\" "
        "fill=\"#1a2329\" stroke=\"#ffffff\" "
        "stroke-width=\"3\" paint-order=\"stroke\">{}</text>\n",
        middle.x, middle.y + 4, number);
  }
  return out;
}

// Whether `a` lies behind, left of or below `b`, as the eye sees it.
bool is_behind(const Placement& a, const Placement& b) {
  return a.at[0] + a.size[0] <= b.at[0] || b.at[1] + b.size[1] <= a.at[1] || a.at[2] + a.size[2] <= b.at[2];
}

void visit(std::span<const Placement> all, std::size_t i, std::vector<char>& state,
           std::vector<std::size_t>& out) {
  if (state[i] != 0) return;
  state[i] = 1;
  for (std::size_t j = 0; j < all.size(); ++j)
    if (j != i && is_behind(all[j], all[i]) && !is_behind(all[i], all[j])) visit(all, j, state, out);
  out.push_back(i);
}

}  // namespace

std::string colour_of(std::size_t item) {
  return hex(kColours[item % kColours.size()], 1, 0);
}

std::vector<std::size_t> paint_order(std::span<const Placement> placements) {
  std::vector<std::size_t> out;
  std::vector<char> state(placements.size(), 0);
  for (std::size_t i = 0; i < placements.size(); ++i) visit(placements, i, state, out);
  return out;
}

std::string picture_svg(const Order& order, const Box& box, const Package& package,
                        const PictureRequest& request) {
  const View view(box, request.width);
  const std::size_t shown = std::min(request.shown, package.placements.size());
  const std::span<const Placement> placements(package.placements.data(), shown);
  std::string title = shown == 0 ? "the empty box" : "";
  for (std::size_t i = request.fresh; i < shown; ++i)
    title += fmt::format("{}{}: {}", title.empty() ? "" : "; ", i + 1,
                         printable(order.items[placements[i].item].sku));
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" "
      "font-family=\"sans-serif\"><title>{2}</title>\n",
      view.width(), view.height(), report::escape_markup(title));
  out += walls(view);
  for (const std::size_t i : paint_order(placements))
    out += cuboid(view, placements[i], i >= request.fresh, i + 1);
  out += near_edges(view);
  return out + "</svg>\n";
}

}  // namespace signalbox::pack
