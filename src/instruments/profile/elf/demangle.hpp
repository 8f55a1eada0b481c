// What people call a function.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::profile {

// C++, Rust (v0 and legacy, without its hash) and D; suffixes of clones (".cold", ".constprop.0") are kept at
// the end, in brackets for C++. What is none of these stays as it is.
std::string demangled(std::string_view name);

}  // namespace signalbox::profile
