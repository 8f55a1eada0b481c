#include "instruments/profile/untold_time.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kLittle_ns = 500'000'000;  // of less the kernel's own count, in ticks, is not sure
constexpr double kMuch = 0.2;                     // of the target's processor time

}  // namespace

std::vector<std::string> remedies_of_untold_time() {
  return {
      "signalbox profile --system while it runs: sampled by a clock of each processor, however short "
      "processes live",
      "--rate 4999: processes that live for less than the time between two samples give none",
      "signalbox profile doctor"};
}

std::optional<Finding> untold_time(const Recording& recording) {
  const std::int64_t told_ns = recording.quality.cpu_ns + recording.lost_ns;
  const std::int64_t used_ns = recording.overhead.target_ns;
  // What the kernel accounts for is more than what was asked for: the rest says nothing.
  if (!recording.kernel || !recording.children || recording.pid == 0) return std::nullopt;
  if (recording.quality.samples == 0 || used_ns < kLittle_ns ||
      static_cast<double>(told_ns) >= (1 - kMuch) * static_cast<double>(used_ns))
    return std::nullopt;
  Finding out;
  out.rule = "profile/untold-time";
  out.severity = Severity::note;
  out.message = fmt::format(
      "samples tell of {:.2f} s of {:.2f} s of processor time: the rest was used by processes "
      "that live for less than the time between two samples",
      static_cast<double>(told_ns) * 1e-9, static_cast<double>(used_ns) * 1e-9);
  out.remedy = remedies_of_untold_time().front();
  return out;
}

}  // namespace signalbox::profile
