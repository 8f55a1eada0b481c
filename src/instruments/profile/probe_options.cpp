#include "instruments/profile/probe_options.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kMostEvery = 1'000'000'000;
// Of time, or of waits, which hits have none of.
constexpr std::string_view kOfTime[] = {"--rate", "--local",     "--production", "--max-overhead",
                                        "--mode", "--min-block", "--wakers"};

}  // namespace

std::vector<cli::Option> probe_options() {
  return {
      {"--probe",
       "PROBE",
       "from where a place is come by, instead of where time goes: uprobe:FILE:FUNCTION, "
       "usdt:FILE:PROVIDER:NAME, tracepoint:GROUP:NAME, kprobe:FUNCTION",
       {},
       false},
      {"--event",
       "NAME",
       "where page-faults, context-switches, cycles … happen, instead of where time goes",
       {},
       false},
      {"--every", "N", "of --probe and --event: each N-th time, 1 but of events of the processor", {}, false},
  };
}

Status take_probe(const cli::Arguments& arguments, RecordRequest& request) {
  const auto probe = arguments.get("--probe");
  const auto event = arguments.get("--event");
  const auto every = arguments.get("--every");
  if (probe && event) return fail(ErrorKind::bad_input, "both --probe and --event", "name one of them");
  if (!probe && !event) {
    if (!every) return {};
    return fail(ErrorKind::bad_input, "--every is of a --probe or --event, and there is none",
                "--rate says how often time is sampled");
  }
  for (const std::string_view option : kOfTime) {
    if (!arguments.has(option)) continue;
    return fail(ErrorKind::bad_input,
                fmt::format("{} is not for {}, which {}", option, probe ? "--probe" : "--event",
                            probe ? "tells how often a place is come by" : "tells how often it happens"),
                "--every 100 takes fewer stacks");
  }
  SIGNALBOX_TRY(request.probe, probe ? parse_probe(*probe) : parse_counter(*event));
  request.mode = Mode::hits;
  for (const Counter& each : counters()) {
    if (event && each.name == *event) request.every = each.usual_every;
  }
  if (!every) return {};
  const auto count = parse_integer(*every);
  if (!count || *count < 1 || *count > kMostEvery)
    return fail(ErrorKind::bad_input,
                fmt::format("--every {}: is no number from 1 to {}", printable(*every), kMostEvery),
                "each so many-th time is told of with its stack");
  request.every = static_cast<std::uint64_t>(*count);
  return {};
}

}  // namespace signalbox::profile
