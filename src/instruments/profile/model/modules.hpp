// What is told by the names of files of machine code.
#pragma once

#include <string_view>

namespace signalbox::profile {

// CPython, by the last part of a path: "python3.11", "libpython3.11.so.1.0".
inline bool is_of_python(std::string_view module) {
  return module.starts_with("python") || module.starts_with("libpython");
}

}  // namespace signalbox::profile
