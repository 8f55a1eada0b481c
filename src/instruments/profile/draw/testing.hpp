// Profiles for the tests of this folder, from folded text. The reader for people is in formats.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/text.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile::testing {

// "a;b;c 3" a line, root first; "_[k]", "_[i]", "_[j]" behind a name say its kind. With a period each sample
// also counts so much time.
inline Profile profile_of_folded(std::string_view folded, std::int64_t period_ns = 0) {
  ProfileBuilder builder(period_ns > 0 ? std::vector<ValueType>{{"samples", "count"}, {"cpu", "nanoseconds"}}
                                       : std::vector<ValueType>{{"samples", "count"}});
  builder.profile().default_value = period_ns > 0 ? 1 : 0;
  for (const std::string_view line : lines(folded)) {
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) continue;
    const auto count = parse_integer(line.substr(space + 1));
    if (!count) continue;
    StackId stack = 0;
    for (std::string_view name : split(line.substr(0, space), ';')) {
      Frame frame;
      for (const auto& [mark, kind] :
           {std::pair{"_[k]", FrameKind::kernel}, {"_[i]", FrameKind::inlined}, {"_[j]", FrameKind::jit}}) {
        if (!name.ends_with(mark)) continue;
        name.remove_suffix(4);
        frame.kind = kind;
      }
      frame.function = builder.function(name);
      stack = builder.stack(stack, builder.frame(frame));
    }
    const std::int64_t values[] = {*count, *count * period_ns};
    builder.add({stack, 0, 0, -1}, std::span(values).first(period_ns > 0 ? 2 : 1));
  }
  return std::move(builder).finish();
}

}  // namespace signalbox::profile::testing
