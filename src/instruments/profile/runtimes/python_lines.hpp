// Lines of Python's code objects by the tables that its versions have.
#pragma once

#include <cstdint>
#include <string_view>

namespace signalbox::profile {

enum class PythonLineTable {
  lnotab,     // to 3.9: co_lnotab
  ranges,     // 3.10: co_linetable, pairs of code and lines
  locations,  // from 3.11: co_linetable, entries of places
};

// The line of the instruction at `offset` octets into the code, of a code object that begins at `first_line`.
// 0: it has none, or the table ends before. (CPython, Objects/lnotab_notes.txt and Objects/locations.md.)
std::int32_t python_line(PythonLineTable kind, std::string_view table, std::int32_t first_line,
                         std::int64_t offset);

}  // namespace signalbox::profile
