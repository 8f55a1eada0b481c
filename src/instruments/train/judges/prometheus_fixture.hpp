// What tests share that ask a real Prometheus: a server on a free port, over blocks of known samples.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/http/client.hpp"

namespace signalbox::train::judges {

inline bool has_prometheus() {
  return find_program("prometheus") && find_program("promtool");
}

inline int free_port() {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) return 0;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// A Prometheus on a free port of its own, ended with this object.
class PrometheusServer {
 public:
  explicit PrometheusServer(const std::filesystem::path& folder, const std::string& config = "global: {}\n") {
    EXPECT_TRUE(write_file_atomically(folder / "prometheus.yml", config));
    for (int attempt = 0; attempt < 3 && url_.empty(); ++attempt) start(folder, free_port());
  }
  const std::string& url() const { return url_; }

 private:
  void start(const std::filesystem::path& folder, int port) {
    process_ = std::make_unique<Process>(
        Process::start({"prometheus", "--config.file=" + (folder / "prometheus.yml").string(),
                        "--storage.tsdb.path=" + (folder / "data").string(),
                        "--storage.tsdb.retention.time=10y",
                        fmt::format("--web.listen-address=127.0.0.1:{}", port), "--log.level=error"})
            .value());
    http::ClientRequest ready;
    ready.url = fmt::format("http://127.0.0.1:{}/-/ready", port);
    for (int i = 0; i < 150; ++i) {
      const auto answer = http::send(ready);
      if (answer && answer->status == 200) {
        url_ = fmt::format("http://127.0.0.1:{}", port);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

  std::unique_ptr<Process> process_;
  std::string url_;
};

// Samples in the format of OpenMetrics as blocks of the server that starts in this folder.
inline void make_blocks(const std::filesystem::path& folder, const std::string& samples) {
  ASSERT_TRUE(write_file_atomically(folder / "samples", samples));
  const ProcessResult made = run_process({"promtool", "tsdb", "create-blocks-from", "openmetrics",
                                          (folder / "samples").string(), (folder / "data").string()})
                                 .value();
  ASSERT_EQ(made.exit_code, 0) << made.errors;
}

}  // namespace signalbox::train::judges
