#include "instruments/profile/agent/agent_state.hpp"

#include <fmt/format.h>

namespace signalbox::profile {
namespace {

void begin(std::string& out, std::string_view name, std::string_view kind, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, kind);
}

template <class Number>
void add(std::string& out, std::string_view name, std::string_view kind, std::string_view help, Number value,
         std::string_view labels = {}) {
  begin(out, name, kind, help);
  out += fmt::format("{}{} {}\n", name, labels, value);
}

}  // namespace

std::string_view name_of(AgentMode mode) {
  switch (mode) {
    case AgentMode::running:
      return "running";
    case AgentMode::paused:
      return "paused";
    case AgentMode::waiting:
      break;
  }
  return "waiting";
}

std::string metrics_text(const AgentState& state) {
  std::string out;
  add(out, "signalbox_profile_samples_total", "counter", "Samples taken.", state.samples, "{mode=\"cpu\"}");
  add(out, "signalbox_profile_lost_total", "counter", "Samples that the kernel had no room for.", state.lost);
  begin(out, "signalbox_profile_truncated_total", "counter",
        "Stacks that end early, by why, as the frame that they end in says it.");
  for (std::size_t i = 0; i < kTruncations; ++i) {
    const auto why = static_cast<Truncation>(i);
    if (why == Truncation::no_begin) continue;  // of waits
    out += fmt::format("signalbox_profile_truncated_total{{reason=\"{}\"}} {}\n", name_of(why),
                       state.truncated.of(why));
  }
  add(out, "signalbox_profile_symbol_cache_hits_total", "counter",
      "Addresses of new stacks whose names were known from another.", state.lookups.hits);
  add(out, "signalbox_profile_symbol_cache_misses_total", "counter", "Addresses whose names were looked up.",
      state.lookups.misses);
  if (state.kernel)
    add(out, "signalbox_profile_unwind_rows", "gauge",
        "Rows of the tables that the program in the kernel walks stacks by.", state.kernel->unwind_rows);
  if (state.kernel && state.kernel->map_bytes)
    add(out, "signalbox_profile_map_bytes", "gauge",
        "Memory of the maps of the program in the kernel, by the kernel's account.",
        *state.kernel->map_bytes);
  if (state.overhead)
    add(out, "signalbox_profile_overhead_ratio", "gauge",
        "Cost of the last period, as a share of the target's processor time or of one processor.",
        *state.overhead);
  add(out, "signalbox_profile_bpf_ns_total", "counter", "Processor time of the program in the kernel.",
      state.bpf_ns);
  add(out, "signalbox_profile_agent_cpu_seconds_total", "counter", "Processor time of the agent itself.",
      state.cpu_seconds);
  add(out, "signalbox_profile_agent_periods_total", "counter", "Periods that ended.", state.periods);
  add(out, "signalbox_profile_agent_sessions_total", "counter", "Starts of the sampler: sessions.",
      state.sessions);
  add(out, "signalbox_profile_agent_gap_seconds_total", "counter", "Time between two sessions, not sampled.",
      state.gap_seconds);
  add(out, "signalbox_profile_agent_rate_hz", "gauge", "Samples for each second of processor time.",
      state.rate_hz);
  add(out, "signalbox_profile_agent_running", "gauge", "1 while samples are taken.",
      state.mode == AgentMode::running ? 1 : 0);
  add(out, "signalbox_profile_ring_bytes", "gauge", "Size of the profiles kept here.", state.ring_bytes);
  if (!state.uploads) return out;
  begin(out, "signalbox_profile_uploads_total", "counter",
        "Attempts to send a profile, by what came of them; dropped: profiles that waited and made room.");
  const SenderCounts& uploads = *state.uploads;
  for (const auto& [result, count] :
       {std::pair("sent", uploads.sent), std::pair("away", uploads.failed),
        std::pair("denied", uploads.denied), std::pair("refused", uploads.refused),
        std::pair("dropped", uploads.dropped)})
    out += fmt::format("signalbox_profile_uploads_total{{result=\"{}\"}} {}\n", result, count);
  add(out, "signalbox_profile_uploads_waiting", "gauge", "Profiles that wait to be sent.",
      state.uploads_waiting);
  return out;
}

Json to_json(const AgentState& state) {
  Json out = Json::object({{"state", name_of(state.mode)},
                           {"rate_hz", state.rate_hz},
                           {"processes", state.processes},
                           {"sampled_by", state.sampled_by},
                           {"sessions", state.sessions},
                           {"gap_seconds", state.gap_seconds},
                           {"periods", state.periods},
                           {"samples", state.samples},
                           {"lost", state.lost},
                           {"truncated", state.truncated.total()},
                           {"cpu_seconds", state.cpu_seconds},
                           {"last_file", state.last_file},
                           {"ring_files", state.ring_files},
                           {"ring_bytes", state.ring_bytes}});
  if (state.overhead) out.set("overhead", *state.overhead);
  if (state.uploads) {
    out.set("uploads", Json::object({{"sent", state.uploads->sent},
                                     {"away", state.uploads->failed},
                                     {"denied", state.uploads->denied},
                                     {"refused", state.uploads->refused},
                                     {"dropped", state.uploads->dropped},
                                     {"waiting", state.uploads_waiting},
                                     {"last_trouble", state.uploads->last_trouble}}));
  }
  return out;
}

}  // namespace signalbox::profile
