// Folded stacks: "frame;frame;frame 12" a line, root first, as the FlameGraph tools write and read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/formats/skipped.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// What stands before the frames: nothing, "java", "java-12" or "java-12/34". An unknown pid is "?".
enum class FoldedProcess : std::uint8_t { none, name, pid, tid };

// Frames by their whole names, or shortened as stackcollapse-perf.pl does: no arguments, no quotes,
// "[libc.so.6]" for what has no name.
enum class FoldedNames : std::uint8_t { whole, tidy };

struct FoldedOptions {
  std::optional<std::size_t> value;  // column; nullopt: Profile::default_value
  FoldedProcess process = FoldedProcess::name;
  FoldedNames names = FoldedNames::tidy;
  bool mark_kernel = false;     // "do_fork_[k]"
  bool mark_jit = false;        // "Main.run_[j]"
  bool with_addresses = false;  // "[libc.so.6 <7f12>]" for what has no name
};

// Lines in the order of their octets, each stack once; those whose value is 0 are left out. Inlined frames
// end in "_[i]".
std::string write_folded(const Profile& profile, const FoldedOptions& options = {});

// UTF-8, or UTF-16 with a byte order mark. The one column is ("samples", "count"). "_[k]", "_[i]", "_[j]" and
// "_[w]" at the end of a name tell its kind and are no part of it. Lines without a count, with one below 0 or
// beyond 64 bits, or that are not UTF-8 are skipped; bad_input where none is left.
Result<Profile> read_folded(std::string_view octets, SkippedLines& skipped);

}  // namespace signalbox::profile
