// What an agent counts, and how it tells: as /metrics for Prometheus, and as a line of JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/json.hpp"
#include "instruments/profile/agent/upload_sender.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/capture/symbolize.hpp"
#include "instruments/profile/capture/truncations.hpp"

namespace signalbox::profile {

enum class AgentMode { running, paused, waiting };  // waiting: nothing that runs is chosen
std::string_view name_of(AgentMode mode);

// Counters are since the agent started.
struct AgentState {
  AgentMode mode = AgentMode::waiting;
  int rate_hz = 0;
  std::size_t processes = 0;  // that are sampled
  std::string sampled_by;
  std::uint64_t sessions = 0;  // each begins with empty tables
  double gap_seconds = 0;      // between two of them, while nothing was sampled
  std::uint64_t periods = 0;
  std::uint64_t samples = 0;
  std::uint64_t lost = 0;
  Truncations truncated;
  NameLookups lookups;
  std::optional<KernelTables> kernel;  // nullopt: nothing is sampled now, or stacks are not walked there
  std::uint64_t bpf_ns = 0;            // processor time of the program in the kernel, where one runs
  double cpu_seconds = 0;              // of the agent itself
  std::optional<double> overhead;      // of the last period
  std::string last_file;               // empty: none yet
  std::size_t ring_files = 0;
  std::uint64_t ring_bytes = 0;
  std::optional<SenderCounts> uploads;  // nullopt: nothing is sent
  std::size_t uploads_waiting = 0;
};

// Prometheus' text format, 0.0.4.
std::string metrics_text(const AgentState& state);
Json to_json(const AgentState& state);

}  // namespace signalbox::profile
