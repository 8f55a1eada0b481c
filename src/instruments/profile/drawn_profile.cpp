#include "instruments/profile/drawn_profile.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/report.hpp"
#include "instruments/profile/draw/flame_html.hpp"
#include "instruments/profile/draw/flame_svg.hpp"
#include "instruments/profile/formats/format.hpp"

namespace signalbox::profile {
namespace {

FoldedOptions folded_options_of(const cli::Arguments& arguments, std::size_t value) {
  const bool all = arguments.has("--all");
  FoldedOptions out;
  out.value = value;
  if (arguments.has("--with-pid")) out.process = FoldedProcess::pid;
  if (arguments.has("--with-tid")) out.process = FoldedProcess::tid;
  out.mark_kernel = all || arguments.has("--kernel");
  out.mark_jit = all || arguments.has("--jit");
  out.with_addresses = arguments.has("--addrs");
  return out;
}

// What the ending of a file says, of what `drawn` takes; empty: nothing.
std::string format_of_ending(std::string_view file) {
  if (file.ends_with(".svg")) return std::string(kFlamegraph);
  if (file.ends_with(".html")) return std::string(kPage);
  const auto format = profile_format_from(file);
  return format && is_written(*format) ? std::string(name_of(*format)) : std::string();
}

}  // namespace

std::vector<std::string> drawn_formats() {
  std::vector<std::string> out = {"text", "json", "md", std::string(kFlamegraph), std::string(kPage)};
  for (const ProfileFormat format : written_formats()) out.emplace_back(name_of(format));
  return out;
}

Result<std::string> artifact_format(const cli::Arguments& arguments) {
  const std::string chosen = arguments.get_or("--format", "text");
  const std::string file = arguments.get_or("--output", "");
  const std::string by_ending = format_of_ending(file);
  // What nobody named is the first format, or what the last part of the ending says: "x.speedscope.json".
  const bool may_be_default = chosen == "text" || (chosen == "json" && !arguments.has("--json"));
  if (by_ending.empty() || by_ending == chosen) return chosen;
  if (may_be_default) return by_ending;
  return fail(ErrorKind::bad_input,
              fmt::format("--format {} and the ending of {} disagree: that is {}", chosen, printable(file),
                          by_ending),
              "name one of them");
}

Result<std::string> drawn(const Profile& profile, const std::string& format, std::size_t value,
                          const cli::Arguments& arguments) {
  FlameOptions flame;
  flame.value = value;
  if (format == kPage) return render_flame_html(make_flame_tree(profile, page_options(flame)));
  if (format == kFlamegraph) return fitted_flame_svg(profile, flame);
  const auto known = profile_format_from(format);
  if (!known || !is_written(*known))
    return fail(ErrorKind::bad_input, fmt::format("{} is not written", printable(format)));
  WriteOptions options;
  options.value = value;
  options.times = SampleTimes::kept;
  options.folded = folded_options_of(arguments, value);
  return write_profile(profile, *known, options);
}

std::vector<cli::Option> folded_options() {
  return {{.name = "--with-pid", .help = "folded: begin stacks with the process's number"},
          {.name = "--with-tid", .help = "folded: begin stacks with the numbers of process and thread"},
          {.name = "--kernel", .help = "folded: mark frames of the kernel with _[k]"},
          {.name = "--jit", .help = "folded: mark frames that a runtime compiled with _[j]"},
          {.name = "--all", .help = "folded: all marks"},
          {.name = "--addrs", .help = "folded: addresses of what has no name"}};
}

}  // namespace signalbox::profile
