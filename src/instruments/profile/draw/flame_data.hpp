// The data that the script in a picture draws from.
#pragma once

#include <string>
#include <string_view>

#include "instruments/profile/draw/flame_style.hpp"
#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

inline constexpr unsigned kShades = 8;  // of each kind of frame
// The same for the same name, in every picture.
unsigned shade_of(std::string_view name);

// JSON without '<', '>' and '&', so that it stands in XML and HTML as it is. web/views/profile/flame_data.js
// reads it:
//   names, shorts    of functions, whole and as they are shown (0: the same); modules, files
//   frames           six numbers a frame: name, module, file, line, kind, shade
//   nodes            in preorder, each but the first: levels up from the one before, frame; then what was
//                    measured on it alone: value and count of samples, or the count alone, which times `unit`
//                    is the value; in a difference the same of the base
//   moments          four numbers a sample that has a time: steps of 100 µs since the one before, node,
//   thread, and
//                    its value, in `unit` where there is one
// Numbers are LEB128 in base64.
std::string flame_data_json(const FlameTree& tree, const FlameStyle& style);

}  // namespace signalbox::profile
