// A flame graph as one SVG file. Without scripts it is a picture: boxes with titles; with them it is
// searched, zoomed and turned. It asks for nothing outside itself.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "instruments/profile/draw/flame_style.hpp"
#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

std::string render_flame_svg(const FlameTree& tree, const FlameStyle& style = {});

// What a mail or a comment takes without complaint.
inline constexpr std::size_t kSvgOctets = 1'000'000;

// The picture of `make(share)`, a tree pruned at that share of the total: at `share`, or at the smallest of a
// few larger ones with which the file has `octets` at most. A picture says at which share it was pruned.
std::string fitted_flame_svg(const std::function<FlameTree(double share)>& make, double share = kPruneShare,
                             std::size_t octets = kSvgOctets);
// The same of one profile.
std::string fitted_flame_svg(const Profile& profile, FlameOptions options = {});

}  // namespace signalbox::profile
