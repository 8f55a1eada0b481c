// One call over gRPC-Web (grpc/grpc, doc/PROTOCOL-WEB.md): a message in a frame there, frames and a trailer
// back, over HTTP/1.1.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::profile {

inline constexpr std::string_view kGrpcWebType = "application/grpc-web+proto";

// A frame: a flag octet, the length in four octets, the message. bad_input: 4 GiB or more.
Result<std::string> grpc_web_frame(std::string_view message);

struct GrpcStatus {
  int code = 0;         // as in grpc/status.h; 0: it was done
  std::string message;  // may be empty
};
// What a call with status 200 came to: from the trailer in the body, or from the headers where there was
// nothing but a status. bad_input where neither says one.
Result<GrpcStatus> grpc_status(const std::map<std::string, std::string, std::less<>>& headers,
                               std::string_view body);

}  // namespace signalbox::profile
