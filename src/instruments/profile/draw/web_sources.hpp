// The scripts and styles in web/views/profile, as they were when this was built.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::profile {

std::string_view flame_css();
// One script for a file of its own: the modules behind one another, without their imports and exports.
std::string svg_script();
std::string page_script();

}  // namespace signalbox::profile
