#include "commands/serve/metrics.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "core/base/version.hpp"

namespace signalbox::serve {
namespace {

void describe(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

// The first segment after `prefix`; empty where the path does not start with it.
std::string_view segment_after(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return {};
  const std::string_view rest = path.substr(prefix.size());
  return rest.substr(0, rest.find('/'));
}

}  // namespace

Metrics::Metrics(Time started, std::vector<std::string> areas) : started_(started) {
  areas_.insert(areas.begin(), areas.end());
}

std::string Metrics::area_of(std::string_view path) const {
  static const std::set<std::string_view> kServer = {
      "/open",         "/healthz",       "/readyz", "/metrics", "/api/openapi.json", "/api/v1/workspace",
      "/api/v1/audit", "/api/v1/session"};
  if (kServer.count(path) != 0) return "server";
  const std::string_view api = segment_after(path, "/api/v1/");
  if (areas_.count(api) != 0) return std::string(api);
  const std::string_view first = segment_after(path, "/");
  if (areas_.count(first) != 0) return std::string(first);
  return path == "/" || first == "assets" ? "console" : "other";
}

void Metrics::on_answer(const http::Request& request, const http::Response& response,
                        std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const std::string area = area_of(request.path);
  std::size_t bucket = 0;
  while (bucket < kBounds_s.size() && seconds > kBounds_s[bucket]) ++bucket;
  const std::lock_guard lock(mutex_);
  ++requests_[{area, std::string(http::name_of(request.method)), response.status}];
  Histogram& histogram = durations_[area];
  ++histogram.counts[bucket];
  histogram.sum_s += seconds;
}

std::string Metrics::render(const std::vector<Gauge>& more) const {
  std::string out;
  describe(out, "signalbox_build_info", "Which Signalbox answers.", "gauge");
  out += fmt::format("signalbox_build_info{{version=\"{}\",commit=\"{}\"}} 1\n", version(), built_commit());
  describe(out, "process_start_time_seconds", "Unix time at which the server started.", "gauge");
  out += fmt::format("process_start_time_seconds {:.3f}\n",
                     static_cast<double>(started_.time_since_epoch().count()) / 1000);
  for (const Gauge& gauge : more) {
    describe(out, gauge.name, gauge.help, gauge.is_counter ? "counter" : "gauge");
    out += fmt::format("{} {}\n", gauge.name, gauge.value);
  }
  const std::lock_guard lock(mutex_);
  describe(out, "signalbox_http_requests_total", "Requests answered.", "counter");
  for (const auto& [labels, count] : requests_) {
    const auto& [area, method, status] = labels;
    out += fmt::format("signalbox_http_requests_total{{area=\"{}\",method=\"{}\",code=\"{}\"}} {}\n", area,
                       method, status, count);
  }
  const std::string_view name = "signalbox_http_request_duration_seconds";
  describe(out, name, "Time from the last octet of a request to its answer.", "histogram");
  for (const auto& [area, histogram] : durations_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      below += histogram.counts[i];
      const std::string bound = i < kBounds_s.size() ? fmt::format("{}", kBounds_s[i]) : "+Inf";
      out += fmt::format("{}_bucket{{area=\"{}\",le=\"{}\"}} {}\n", name, area, bound, below);
    }
    out += fmt::format("{}_sum{{area=\"{}\"}} {}\n", name, area, histogram.sum_s);
    out += fmt::format("{}_count{{area=\"{}\"}} {}\n", name, area, below);
  }
  return out;
}

std::vector<Gauge> process_gauges() {
  std::vector<Gauge> out;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    out.push_back({"process_cpu_seconds_total", "Processor time, user and system.",
                   seconds(usage.ru_utime) + seconds(usage.ru_stime), true});
  }
  std::ifstream pages("/proc/self/statm");
  double all = 0;
  double resident = 0;
  if (pages >> all >> resident) {
    out.push_back({"process_resident_memory_bytes", "Memory in use.",
                   resident * static_cast<double>(::sysconf(_SC_PAGESIZE)), false});
  }
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) {
    out.push_back({"process_open_fds", "Open file descriptors.",
                   static_cast<double>(std::distance(begin(files), end(files))), false});
  }
  return out;
}

}  // namespace signalbox::serve
