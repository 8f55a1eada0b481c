// What each source line of one function costs, as `go tool pprof -list` counts it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// In the unit of the column; shares are parts of the whole profile.
struct MeasuredCost {
  std::int64_t self = 0;
  std::int64_t cumulative = 0;  // with all that it called: a stack that has it twice counts once
  ShareEstimate self_share;
  ShareEstimate cumulative_share;
};

MeasuredCost measured_cost(const Costs& costs, const GroupCost& cost);

struct LineCost {
  std::int32_t line = 0;  // 0: the profile does not say which
  MeasuredCost cost;
};

// A file of machine code that the function was in.
struct CodeFile {
  std::string path;      // as the profile has it
  std::string build_id;  // empty: unknown
  auto operator<=>(const CodeFile&) const = default;
};

// The lines of the function that lie in one source file.
struct FileLines {
  std::string file;                // as the profile names it; empty: it does not
  std::int64_t start_line = 0;     // of the function; 0: unknown
  std::vector<LineCost> lines;     // each that costs, in their order
  std::size_t lines_left_out = 0;  // where only the costliest are kept
  std::vector<CodeFile> code;      // in the order of their paths
};

struct LineCosts {
  std::string function;  // as `top` names it
  ValueType value;
  std::int64_t total = 0;        // of the whole profile
  MeasuredCost whole;            // of the function
  std::size_t blocks = 0;        // of time, that the intervals rest on; 0: no times
  std::vector<FileLines> files;  // the one that costs most first; mostly there is one
};

// Whether line_costs knows a function by that name.
bool has_function(const Profile& profile, std::string_view function);

// Of the column `value`. `function` is its name as `top` tells it, or that of a clone of it; functions of one
// name in several files of machine code are counted as one. nullopt: no function has that name.
std::optional<LineCosts> line_costs(const Profile& profile, std::size_t value, std::string_view function);

}  // namespace signalbox::profile
