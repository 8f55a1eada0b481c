// Servers by other people that drivers are tested with: Python's, on free ports of their own.
#pragma once

#include <memory>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"

namespace signalbox::train::ramp::testing {

inline std::string get(const std::string& url) {
  http::ClientRequest request;
  request.url = url;
  return http::send(request).value().body;
}

// One of testdata/*.py; it ends with this object.
class Peer {
 public:
  explicit Peer(const std::string& script)
      : process_(Process::start({"python3", (signalbox::testing::source_directory() /
                                             "src/instruments/train/ramp/testdata" / script)
                                                .string()})
                     .value()),
        port_(trim(process_.read().value())) {}
  std::string url(const std::string& path = "") const { return "http://127.0.0.1:" + port_ + path; }
  void set(const std::string& fault, const std::string& value) const {
    get(url("/control/" + fault + "/" + value));
  }
  Json calls() const { return parse_json(get(url("/calls"))).value(); }

 private:
  Process process_;
  std::string port_;
};

// A port that nobody listened on a moment ago.
inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

}  // namespace signalbox::train::ramp::testing
