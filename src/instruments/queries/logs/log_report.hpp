// What was read of log files, as reports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/logs/log_file.hpp"
#include "instruments/queries/logs/log_profile.hpp"

namespace signalbox::queries {

struct LogFileResult {
  std::string name;
  LogFileRead read;
};

enum class LogOrder { total, calls, mean, p95, max };
inline constexpr std::string_view kLogOrders[] = {"total", "calls", "mean", "p95", "max"};

struct LogReportOptions {
  LogOrder order = LogOrder::total;
  std::size_t rows = 20;
};

// The statements of a log by what they took, with true quantiles.
Report log_profile_report(const std::vector<LogFileResult>& files, const LogProfile& profile,
                          const ExecutionCounts& counts, const LogReportOptions& options);

// How much of each file is records, and where the first are that are none. Fails under 90 %.
Report log_check_report(const std::vector<LogFileResult>& files);

}  // namespace signalbox::queries
