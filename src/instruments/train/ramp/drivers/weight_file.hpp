// The weight file: servers of two pools with their weights, as nginx or HAProxy includes it, and in its first
// line what the ramp did last. Pure: text in, text out.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/driver_settings.hpp"

namespace signalbox::train::ramp {

inline constexpr std::size_t kMaxWeightFileBytes = std::size_t{64} << 10;

// What stands where. Pools are known by their place in the configuration, 0 or 1.
struct WeightFile {
  std::string train, attempt, step;  // of the last step; empty before the first
  std::uint64_t token = 0;
  enum class Action { none, set_weight, promote, revert } action = Action::none;
  int live = 0;                         // pool that serves what no candidate gets
  int weight = 0;                       // per cent to the other pool
  std::array<std::string, 2> versions;  // on each pool, as far as it is known
  bool operator==(const WeightFile&) const = default;
};

// The mark by which the running server says which file it has: one line, no quotes within.
std::string mark_of(const WeightFile& file);

std::string write_weight_file(const WeightFile& file, const WeightFileSettings& settings);
// conflict where the text is not one of ours, so that no file of somebody else is replaced; bad_input where
// its first line is damaged. An empty text is the state before any ramp.
Result<WeightFile> read_weight_file(std::string_view text);

// The file after a step. conflict where the file has seen a newer token, where the attempt was promoted and
// shall have another weight, where it was reverted and shall go on, where another attempt is under way, or
// where no pool runs what shall be gone back to.
Result<WeightFile> after_step(const WeightFile& before, const StepOrder& order, WeightFile::Action action);
// What the file means for the attempt of `order`.
Observation observation_of(const WeightFile& file, const StepOrder& order);
// The pool that runs the candidate; where none is known to, the one that is not live.
int pool_of_candidate(const WeightFile& file, const StepOrder& order);

}  // namespace signalbox::train::ramp
